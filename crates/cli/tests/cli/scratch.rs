//! scratch
use simulator::{Persona, weigh_ins};
use std::collections::BTreeSet;
#[test]
fn scratch() {
    let p = Persona::demo();
    let base = 1_795_305_600; // a midnight
    let mut bad = 0; let mut worst = 0; let mut hours = BTreeSet::new();
    for day in 0..60 { for slot in 0..144 {
        let now = base + day * 86_400 + slot * 600;
        let a: BTreeSet<_> = weigh_ins(&p, now, 730).into_iter().map(|r| r.taken_at).collect();
        let b: BTreeSet<_> = weigh_ins(&p, now + 600, 730).into_iter().map(|r| r.taken_at).collect();
        let gone = a.difference(&b).filter(|t| **t > now - 700 * 86_400).count();
        let new = b.difference(&a).filter(|t| **t <= now).count();
        if gone + new > 0 { bad += 1; worst = worst.max(gone + new); hours.insert(slot / 6); }
    }}
    println!("bad {bad} of {} worst {worst} hours UTC {hours:?}", 60 * 144);
    for days in [0, 100, 200, 300, 400, 500, 600, 800, 1000] {
        let w = weigh_ins(&p, base + days * 86_400, 3);
        println!("{days}: {:?}", w.iter().map(|r| r.values[0].value).collect::<Vec<_>>());
    }
}
