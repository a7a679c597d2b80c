//! Pages of the reference, made from what the program itself knows, so that they cannot say
//! anything else. Hidden: `cargo xtask generate` calls it and keeps the pages in `docs/reference`.

mod commands;
mod operations;

use crate::output::Output;
use clap::ValueEnum;

/// A page of the reference.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Page {
    /// The operations of the API.
    Operations,
    /// The commands of this program.
    Cli,
}

impl Page {
    pub(crate) fn print(self, program: clap::Command, output: &Output) -> anyhow::Result<()> {
        let page = match self {
            Self::Operations => operations::page(api::ops::ALL, api::ops::OWN),
            Self::Cli => commands::page(program),
        };
        output.text(page.trim_end())
    }
}

/// Text that stays inside its cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
