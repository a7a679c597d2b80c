//! Has a public validator judge the OpenAPI document that `vitald openapi` prints. Without Python
//! or a package index it is skipped, aloud. What the document says is tested in `api`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::program;
use crate::python::{self, Installed};

/// The document without and with an address: both are served.
const ADDRESSES: [&[&str]; 2] = [&[], &["--public-url", "https://health.example.org"]];

/// The whole stage.
pub(crate) fn run(root: &Path) -> Result<()> {
    let folder = tempfile::Builder::new().prefix("vitald-openapi-").tempdir()?;
    let requirements = root.join("tests/openapi/requirements.txt");
    let python = match python::install(folder.path(), &requirements)? {
        Installed::Python(python) => python,
        Installed::Nothing(why) => {
            println!("openapi: skipped: {why}");
            return Ok(());
        }
    };
    program::run(program::cargo(root).args(["build", "--locked", "-p", "cli"]))?;
    for arguments in ADDRESSES {
        let mut print = Command::new(program::beside_us("vitald")?);
        let document = program::output(print.arg("openapi").args(arguments))?;
        let file = folder.path().join("openapi.json");
        fs::write(&file, document)?;
        println!("-- openapi-spec-validator of `vitald openapi {}`", arguments.join(" "));
        let mut validator = Command::new(&python);
        validator.args(["-m", "openapi_spec_validator", "--schema", "3.1"]);
        program::run(validator.args(["--validation-errors", "all"]).arg(&file))?;
    }
    Ok(())
}
