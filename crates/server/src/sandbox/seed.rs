//! Seeds with everything a sandbox can begin with: what they say of accounts and applications is
//! `api::admin`'s; simulated people and faults are made here.

use super::people::NewPerson;
use super::personas::ZONE;
use super::{demo, fault};
use api::admin::{self, Made, Makers, Outside, Seed, SeedFault, Simulation};
use domain::survey::Survey;
use domain::{Refusal, Result};
use serde_json::Value;
use simulator::Preset;
use store::Tx;
use store::person::{self, Person};

/// Reads a seed and compares it with itself; `survey` reads a survey it names, `hash` hashes a
/// password.
pub fn read(
    written: Value,
    survey: &dyn Fn(&str) -> Result<Survey>,
    hash: &dyn Fn(&str) -> Result<String>,
) -> Result<Seed> {
    // A story can begin on any day of this time if it can on this one.
    let now = simulator::STORIES_BEGIN * domain::DAY_SECONDS;
    let persona = |simulation: &Simulation| match simulation.persona.as_str() {
        demo::PERSONA => demo::check(simulation),
        _ => who(simulation)?.check(now),
    };
    let fault = fault::check_of_seed;
    admin::read_seed(written, &Outside { survey, hash, persona: &persona, fault: &fault })
}

/// Makes everything of a seed. The store becomes a sandbox's.
pub fn make(tx: &mut Tx<'_>, seed: &Seed) -> Result<Made> {
    admin::make_seed(tx, seed, &Here)
}

/// What is made here.
struct Here;

impl Makers for Here {
    fn person(&self, tx: &mut Tx<'_>, simulation: &Simulation) -> Result<Person> {
        if simulation.persona == demo::PERSONA {
            return demo::make(tx, &simulation.account);
        }
        let made = who(simulation)?.make(tx)?;
        let named = made.first().ok_or_else(|| Refusal::missing_param("persona"))?;
        person::get(tx, *named)
    }

    fn fault(&self, tx: &mut Tx<'_>, one: &SeedFault, client_id: Option<&str>) -> Result<()> {
        fault::make_of_seed(tx, one, client_id)
    }
}

fn who(simulation: &Simulation) -> Result<NewPerson> {
    let Simulation { persona, seed, days, account } = simulation.clone();
    let preset = persona.parse::<Preset>();
    Ok(NewPerson {
        preset: preset.map_err(|why| Refusal::invalid_param("persona", why.problem))?,
        seed,
        zone: account.time_zone.clone().unwrap_or_else(|| ZONE.to_owned()),
        days,
        account,
    })
}
