//! A year of everybody, byte for byte. What is told here changes only on purpose: a seed then means
//! another life. To print it anew:
//!
//! ```sh
//! cargo test -p simulator print_the_years -- --ignored --nocapture
//! ```

use super::*;
use crate::upload::Feed;

/// [`fingerprint`]s of the uploads of a year from 2026-02-01, of each preset's person of seed 7.
const YEARS: [(Preset, u64); 0] = [];

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
    for (preset, told) in &YEARS[which] {
        assert_eq!(year(*preset), *told, "{preset}");
    }
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

#[test]
#[ignore = "prints what stands above"]
fn print_the_years() {
    for preset in Preset::ALL {
        println!("    (Preset::{preset:?}, {}),", year(preset));
    }
}
