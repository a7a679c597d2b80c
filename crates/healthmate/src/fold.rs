//! Makes texts comparable that differ in case, accents, blanks and punctuation: headers, names of
//! files, sports and measures are looked up by what is left. It does not translate.

/// The letters and digits of a text, lowercase and without accents.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match plain(letter) {
            Some(plain) => folded.push_str(plain),
            None if letter.is_alphanumeric() => folded.push(letter),
            None => {}
        }
    }
    folded
}

/// A letter with an accent without it.
fn plain(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' => "c",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'æ' => "ae",
        'œ' => "oe",
        'ß' => "ss",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::fold;

    #[test]
    fn case_accents_and_punctuation_do_not_count() {
        assert_eq!(fold("Type d'activité"), "typedactivite");
        assert_eq!(fold("Größe (m)"), "grossem");
        assert_eq!(fold("raw_tracker_calories-earned"), "rawtrackercaloriesearned");
        assert_eq!(fold(" ÉVEILLÉ "), "eveille");
    }
}
