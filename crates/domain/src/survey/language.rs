//! A survey in the language of whoever is asked.

use super::{Question, QuestionTexts, Suggestion, Survey, Translation};

/// A tag as tags are compared.
pub(super) fn tag(language: &str) -> String {
    language.to_ascii_lowercase().replace('-', "_")
}

impl Survey {
    /// The survey with the texts of a language: those of exactly that tag, else of the tag without
    /// its last parts (`fr_FR`, then `fr`), else the English ones. It has no translations any more.
    #[must_use]
    pub fn in_language(&self, language: Option<&str>) -> Self {
        let known = language.and_then(|language| self.translation(language));
        let mut survey = Self { translations: Default::default(), ..self.clone() };
        if let Some(translation) = known {
            translate(&mut survey.name, translation.name.as_ref());
            translate(&mut survey.description, translation.description.as_ref());
            for question in &mut survey.data {
                if let Some(texts) = translation.data.get(&question.id) {
                    texts.apply(question);
                }
            }
        }
        survey
    }

    fn translation(&self, language: &str) -> Option<&Translation> {
        let wanted = tag(language);
        let mut wanted = wanted.as_str();
        loop {
            let mut known = self.translations.iter();
            if let Some((_, translation)) = known.find(|(known, _)| tag(known) == wanted) {
                return Some(translation);
            }
            wanted = wanted.rsplit_once('_')?.0;
        }
    }
}

impl QuestionTexts {
    fn apply(&self, question: &mut Question) {
        translate(&mut question.title, self.title.as_ref());
        translate(&mut question.content, self.content.as_ref());
        for Suggestion { id, text } in &mut question.suggestions {
            translate(text, self.suggestions.get(&id.to_string()));
        }
    }
}

fn translate(text: &mut String, translated: Option<&String>) {
    if let Some(translated) = translated {
        text.clone_from(translated);
    }
}
