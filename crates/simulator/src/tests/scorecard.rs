use super::*;

#[test]
#[ignore]
fn look() {
    let zone = "Europe/Paris";
    for preset in Preset::ALL {
        let t = std::time::Instant::now();
        let (mut st, mut act, mut sd, mut n) = (0.0, vec![], vec![], 0.0);
        let (mut deep, mut rem, mut eff, mut hr, mut tst, mut ahi) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
        let mut nn = 0.0;
        for seed in 0..5 {
            let p = Persona::of(preset, seed, zone).unwrap();
            let mut days = vec![];
            for day in 20_500..20_540 {
                let m = minutes(&p, day, i64::MAX);
                let s: i64 = m.iter().map(|m| m.steps).sum();
                days.push(s as f64);
                st += s as f64;
                n += 1.0;
                hr +=
                    m.iter().filter_map(|m| m.heart_rate_bpm).sum::<i64>() as f64 / m.len() as f64;
                for night in nights(&p, day, i64::MAX).iter().filter(|n| !n.is_nap) {
                    let of = |f: &dyn Fn(State) -> bool| {
                        night
                            .stages
                            .iter()
                            .filter(|s| f(s.state))
                            .map(|s| s.end - s.start)
                            .sum::<i64>() as f64
                    };
                    let slept = of(&|s| s.is_sleep());
                    deep += of(&|s| s == State::Deep) / slept;
                    rem += of(&|s| s == State::Rem) / slept;
                    eff += slept / of(&|_| true);
                    tst += slept / 3600.0;
                    ahi += night.apnoea_tenths as f64 / 10.0;
                    nn += 1.0;
                }
            }
            let (mean, spr) = spread(&days);
            sd.push(spr / mean);
            act.push(mean as i64);
        }
        let el = t.elapsed().as_millis();
        let p = Persona::of(preset, 1, zone).unwrap();
        let t = std::time::Instant::now();
        let ups = uploads(&p, 20_500 * 86_400, 20_530 * 86_400);
        println!(
            "{preset}: steps {:.0} {act:?} cv {:.2?} hr {:.1} nights {nn} tst {:.2} eff {:.3} deep {:.3} rem {:.3} ahi {:.1} days {el}ms; {} uploads {} records in {}ms",
            st / n,
            sd,
            hr / n,
            tst / nn,
            eff / nn,
            deep / nn,
            rem / nn,
            ahi / nn,
            ups.len(),
            ups.iter().map(|u| u.records.len()).sum::<usize>(),
            t.elapsed().as_millis()
        );
    }
}
