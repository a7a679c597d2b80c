//! A year of everybody, byte for byte. What is told here changes only on purpose: a seed then means
//! another life. What is found is printed where it is not what is told:
//!
//! ```sh
//! cargo test -p simulator years
//! ```

use super::*;
use crate::upload::Feed;

/// Hashes of the uploads of a year from 2026-02-01, of each preset's person of seed 7.
const YEARS: [(Preset, u64); 12] = [
    (Preset::Sedentary, 8_552_514_359_405_477_761),
    (Preset::Runner, 3_610_412_393_164_199_167),
    (Preset::Hypertensive, 17_155_240_309_151_434_989),
    (Preset::Pregnant, 6_892_241_781_770_166_906),
    (Preset::AtrialFibrillation, 2_953_839_438_314_948_749),
    (Preset::SleepApnoea, 18_009_299_796_207_747_200),
    (Preset::ShiftWorker, 16_772_127_015_959_148_694),
    (Preset::Traveller, 16_610_955_823_418_100_668),
    (Preset::Elderly, 4_961_252_417_752_854_662),
    (Preset::Child, 13_506_152_993_019_232_924),
    (Preset::StopsSyncing, 993_988_426_071_416_862),
    (Preset::LateUploads, 3_174_163_613_791_122_871),
];

/// FNV-1a over the text of all uploads of a year.
fn year(preset: Preset) -> u64 {
    let persona = Persona::of(preset, 7, "Europe/Berlin").unwrap();
    let mut feed = Feed::of(&persona);
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    for month in 0..12 {
        let from = 20_485 * DAY + month * 365 * DAY / 12;
        for upload in feed.between(from, 20_485 * DAY + (month + 1) * 365 * DAY / 12) {
            add(format!("{} {:?}", upload.at, upload.device).as_bytes());
            upload.records.iter().for_each(|record| add(record.to_string().as_bytes()));
        }
    }
    hash
}

fn are_as_told(which: std::ops::Range<usize>) {
    let told = &YEARS[which];
    let found: Vec<(Preset, u64)> =
        told.iter().map(|(preset, _)| (*preset, year(*preset))).collect();
    assert_eq!(found, told);
}

#[test]
fn the_first_years_are_as_told() {
    are_as_told(0..3);
}

#[test]
fn the_second_years_are_as_told() {
    are_as_told(3..6);
}

#[test]
fn the_third_years_are_as_told() {
    are_as_told(6..9);
}

#[test]
fn the_last_years_are_as_told() {
    are_as_told(9..12);
}
