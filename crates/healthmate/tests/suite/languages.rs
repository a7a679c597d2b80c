//! Other languages and other units.

use healthmate::{Group, Item, Night, Workout};

use super::{AT, group, items};

#[test]
fn pounds_feet_and_inches_are_converted() {
    let text = "Date,\"Weight (lb)\",\"Fat mass (lb)\",Comments\n2024-01-02 03:04:05,157.0,31.1,\n";
    let expected = [Item::Group(group(AT, &[(1, 71_214, -3), (8, 14_107, -3)]))];
    assert_eq!(items("weight.csv", text), expected);
    let text = "Date,\"Weight (st)\"\n2024-01-02 03:04:05,11 st 3.0 lb\n";
    assert_eq!(items("weight.csv", text), [Item::Group(group(AT, &[(1, 71_214, -3)]))]);
    let text = "Date,\"Height (m)\",Comments\n2024-01-02 03:04:05,5' 10.0'',\n";
    assert_eq!(items("height.csv", text), [Item::Group(group(AT, &[(4, 1_778, -3)]))]);
}

#[test]
fn fat_in_percent_is_another_measure() {
    let text = "Date,Weight (kg),Fat mass (%)\n2024-01-02 03:04:05,71.2,19.8\n";
    assert_eq!(items("weight.csv", text), [Item::Group(group(AT, &[(1, 712, -1), (6, 198, -1)]))]);
}

#[test]
fn french_headers_and_commas_are_read() {
    let text = "\u{feff}Date;Commentaires;Poids (kg);Masse grasse (kg);Masse osseuse (kg);\
                Masse musculaire (kg);Hydratation (kg);Humeur\n\
                2024-01-02 03:04:05;à jeun;71,20;14,10;2,9;54,2;38,5;bonne\n";
    let measures = [(1, 7_120, -2), (8, 1_410, -2), (88, 29, -1), (76, 542, -1), (77, 385, -1)];
    let comment = Some("à jeun".to_owned());
    let expected = Group { comment, ..group(AT, &measures) };
    assert_eq!(items("weight.csv", text), [Item::Group(expected)]);
    let text = "de,à,Fuseau horaire,Type d'activité,Données\n\
                2024-01-02T03:04:05+01:00,2024-01-02T04:04:05+01:00,,Course à pied,{}\n";
    let [Item::Workout(Workout { category, .. })] = &items("activities.csv", text)[..] else {
        panic!("no workout");
    };
    assert_eq!(*category, Some(2));
}

#[test]
fn german_headers_are_read() {
    let text = "Datum,Herzfrequenz,Systolisch,Diastolisch,Kommentare\n\
                2024-01-02 03:04:05,61,121,79,ruhig\n";
    let comment = Some("ruhig".to_owned());
    let expected = Group { comment, ..group(AT, &[(11, 61, 0), (10, 121, 0), (9, 79, 0)]) };
    assert_eq!(items("bp.csv", text), [Item::Group(expected)]);
    let text = "von,bis,leicht (s),tief (s),REM (s),wach (s),Schnarchen (s),Herzfrequenz (min)\n\
                2024-01-02T03:04:05+01:00,2024-01-02T04:04:05+01:00,60,120,180,240,30,48\n";
    let expected = Night {
        start: AT,
        end: AT + 3_600,
        light_s: Some(60),
        deep_s: Some(120),
        rem_s: Some(180),
        awake_s: Some(240),
        snoring_s: Some(30),
        hr_min_bpm: Some(48),
        ..Night::default()
    };
    assert_eq!(items("sleep.csv", text), [Item::Night(expected)]);
    let text = "Datum,Größe (cm)\n2024-01-02 03:04:05,\"178,5\"\n";
    assert_eq!(items("height.csv", text), [Item::Group(group(AT, &[(4, 1_785, -3)]))]);
}

#[test]
fn spanish_and_italian_headers_are_read() {
    let text = "Fecha,Peso (kg),Masa grasa (kg),Masa ósea (kg),Hidratación (kg),Comentarios\n\
                2024-01-02 03:04:05,71.2,14.1,2.9,38.5,\n";
    let measures = [(1, 712, -1), (8, 141, -1), (88, 29, -1), (77, 385, -1)];
    assert_eq!(items("weight.csv", text), [Item::Group(group(AT, &measures))]);
    let text = "Data,Frequenza cardiaca,Sistolica,Diastolica,Commenti\n\
                2024-01-02 03:04:05,61,121,79,\n";
    let expected = group(AT, &[(11, 61, 0), (10, 121, 0), (9, 79, 0)]);
    assert_eq!(items("bp.csv", text), [Item::Group(expected)]);
}
