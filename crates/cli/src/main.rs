//! The command `vitald`: one file a subcommand. What a command decides is decided in `api::admin`.

mod client;
mod demo;
mod device;
mod exit;
mod location;
mod migrate;
mod openapi;
mod output;
mod serve;
mod token;
mod user;
mod weighing;

use clap::{CommandFactory as _, Parser, Subcommand};
use output::Output;
use std::io::IsTerminal as _;
use std::process::ExitCode;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A health-device cloud of your own that speaks the public Withings API.
///
/// Exit codes: 0 done; 1 failed; 2 wrong usage; 3 refused (an unknown id, a value that cannot be).
#[derive(Debug, Parser)]
#[command(name = "vitald", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    location: location::Location,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// What is logged to standard error: error, warn, info, debug, or per module.
    #[arg(long, global = true, env = "VITALD_LOG", default_value = "info", value_name = "LEVEL")]
    log: String,
    /// Log lines as JSON.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Run a server with a demo person and two years of data, and say what to try.
    Demo(demo::Demo),
    /// People's accounts.
    #[command(subcommand)]
    User(user::User),
    /// Applications: programs that call the API.
    #[command(subcommand)]
    Client(client::Client),
    /// Devices and the people who use them.
    #[command(subcommand)]
    Device(device::Device),
    /// Weighings that belong to nobody yet.
    #[command(subcommand)]
    Weighing(weighing::Weighing),
    /// Access tokens without the pages.
    #[command(subcommand)]
    Token(token::Token),
    /// Bring the database's schema up to date; the server does it too when it starts.
    Migrate(migrate::Migrate),
    /// Print the API as an OpenAPI 3.1 document.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Err(error) = begin_log(&cli) {
        return exit::report(&error);
    }
    let output = Output::new(cli.json);
    let done = match cli.command {
        Command::Serve(command) => command.run(&cli.location),
        Command::Demo(command) => command.run(&cli.location, &output),
        Command::User(command) => command.run(&cli.location, &output),
        Command::Client(command) => command.run(&cli.location, &output),
        Command::Device(command) => command.run(&cli.location, &output),
        Command::Weighing(command) => command.run(&cli.location, &output),
        Command::Token(command) => command.run(&cli.location, &output),
        Command::Migrate(command) => command.run(&cli.location, &output),
        Command::OpenApi(command) => command.run(&output),
        Command::Completions { shell } => {
            // Not straight to standard output: the generator panics where that is closed.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "vitald", &mut script);
            output.text(String::from_utf8_lossy(&script).trim_end())
        }
    };
    done.map_or_else(|error| exit::report(&error), |()| ExitCode::SUCCESS)
}

fn begin_log(cli: &Cli) -> anyhow::Result<()> {
    let filter: Targets = cli.log.parse().map_err(|_| {
        anyhow::anyhow!("--log: expected a level such as info, or info,store=debug")
    })?;
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = if cli.log_json {
        lines.json().boxed()
    } else {
        lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed()
    };
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    Ok(())
}
