//! The command `vitald`: one file a subcommand. What a command decides is decided in `api::admin`.

mod audit;
mod call;
mod care;
mod client;
mod clock;
mod control;
mod demo;
mod device;
mod doctor;
mod exit;
mod export;
mod fault;
mod import;
mod location;
mod migrate;
mod moment;
mod notification;
mod openapi;
mod order;
mod organization;
mod output;
mod persona;
mod product;
mod reference;
mod sandbox;
mod serve;
mod settings;
mod snapshot;
mod survey;
mod token;
mod user;
mod weighing;

use clap::{CommandFactory as _, Parser, Subcommand};
use output::Output;
use server::config::{Loaded, LogFormat};
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A health-device cloud of your own that speaks the public Withings API.
///
/// Exit codes: 0 done; 1 failed; 2 wrong usage or configuration; 3 refused (an unknown id, a value
/// that cannot be).
#[derive(Debug, Parser)]
#[command(name = "vitald", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    location: location::Location,
    /// The configuration file [default: vitald.toml or /etc/vitald/vitald.toml, if there].
    #[arg(long, global = true, env = "VITALD_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
    /// What is logged to standard error: error, warn, info, debug, or per module [env: VITALD_LOG]
    /// [default: info].
    #[arg(long, global = true, value_name = "LEVEL")]
    log: Option<String>,
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
    /// Run a sandbox that begins with a known world, for a test suite, and say what opens it.
    Sandbox(sandbox::Sandbox),
    /// States of a sandbox: save one, and go back to it.
    #[command(subcommand)]
    Snapshot(snapshot::Snapshot),
    /// People's accounts.
    #[command(subcommand)]
    User(user::User),
    /// Applications: programs that call the API.
    #[command(subcommand)]
    Client(client::Client),
    /// Organizations: who applications belong to, and what a contract lets them use.
    #[command(subcommand)]
    Organization(organization::Organization),
    /// Devices and the people who use them.
    #[command(subcommand)]
    Device(device::Device),
    /// Orders of partners, and how they go on.
    #[command(subcommand)]
    Order(order::Order),
    /// The catalogue: what partners can order.
    #[command(subcommand)]
    Product(product::Product),
    /// Weighings that belong to nobody yet.
    #[command(subcommand)]
    Weighing(weighing::Weighing),
    /// Access tokens without the pages.
    #[command(subcommand)]
    Token(token::Token),
    /// Notifications: who is told of what, what became of it, and sending it again.
    #[command(subcommand)]
    Notification(notification::Notification),
    /// Surveys: what devices ask people after a measure, and what was answered.
    #[command(subcommand)]
    Survey(survey::Survey),
    /// Care: programmes of remote patient monitoring, and diagnoses.
    #[command(subcommand)]
    Care(care::Care),
    /// Who read or changed whose data.
    #[command(subcommand)]
    Audit(audit::Audit),
    /// The clock of a sandbox that runs.
    #[command(subcommand)]
    Clock(clock::Clock),
    /// Simulated people of a sandbox that runs.
    #[command(subcommand)]
    Persona(persona::Persona),
    /// Faults of a sandbox that runs: what goes wrong, on demand.
    #[command(subcommand)]
    Fault(fault::Faults),
    /// Call an operation of the API, on the store or on a running server.
    Call(Box<call::Call>),
    /// Bring in what was recorded elsewhere.
    #[command(subcommand)]
    Import(import::Import),
    /// Take a person's data out, for the person.
    #[command(subcommand)]
    Export(export::Export),
    /// Bring the database's schema up to date; the server does it too when it starts.
    Migrate(migrate::Migrate),
    /// The settings: what is in effect, and what there is.
    #[command(subcommand)]
    Config(settings::Config),
    /// Check that vitald can run here, and say what to mend. Changes nothing.
    Doctor(doctor::Doctor),
    /// Print the API as an OpenAPI 3.1 document.
    #[command(name = "openapi")]
    OpenApi(openapi::OpenApi),
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print a page of the reference; see `cargo xtask generate`.
    #[command(hide = true)]
    Reference {
        /// The page.
        page: reference::Page,
    },
}

impl Command {
    /// Whether the configuration file has a say. The demo and a sandbox share
    /// nothing with a real server.
    const fn reads_file(&self) -> bool {
        match self {
            Self::Config(config) => matches!(config, settings::Config::Show(_)),
            other => !matches!(
                other,
                Self::Demo(_) | Self::Sandbox(_) | Self::OpenApi(_) | Self::Completions { .. }
            ),
        }
    }
}

fn main() -> ExitCode {
    let mut cli = Cli::parse();
    let loaded = match settings::load(&cli) {
        Ok(loaded) => loaded,
        Err(error) if matches!(cli.command, Command::Doctor(_)) => {
            let told = doctor::configuration(&error, &Output::new(cli.json));
            return told.map_or_else(|error| exit::report(&error), |()| ExitCode::FAILURE);
        }
        Err(error) => return exit::report(&error.into()),
    };
    cli.location = location::Location::of(&loaded);
    begin_log(&loaded);
    run(cli, &loaded)
}

fn run(cli: Cli, loaded: &Loaded) -> ExitCode {
    let output = Output::new(cli.json);
    let done = match cli.command {
        Command::Serve(command) => command.run(&cli.location, loaded),
        Command::Demo(command) => command.run(&cli.location, &output),
        Command::Sandbox(command) => command.run(&cli.location, &output),
        Command::Snapshot(command) => command.run(&cli.location, &output),
        Command::User(command) => command.run(&cli.location, &output),
        Command::Client(command) => command.run(&cli.location, &output),
        Command::Organization(command) => command.run(&cli.location, &output),
        Command::Device(command) => command.run(&cli.location, &output),
        Command::Order(command) => command.run(&cli.location, &output),
        Command::Product(command) => command.run(&cli.location, &output),
        Command::Weighing(command) => command.run(&cli.location, &output),
        Command::Token(command) => command.run(&cli.location, &output),
        Command::Notification(command) => command.run(&cli.location, &output),
        Command::Survey(command) => command.run(&cli.location, &output),
        Command::Care(command) => command.run(&cli.location, &output),
        Command::Call(command) => command.run(&cli.location, &output),
        Command::Import(command) => command.run(&cli.location, &output),
        Command::Export(command) => command.run(&cli.location, &output),
        Command::Migrate(command) => command.run(&cli.location, &output),
        Command::Config(command) => command.run(loaded, &output),
        Command::Doctor(command) => match command.run(loaded, &output) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Command::Audit(command) => match command.run(&cli.location, &output) {
            Ok(true) => Ok(()),
            Ok(false) => return ExitCode::FAILURE,
            Err(error) => Err(error),
        },
        Command::Clock(command) => command.run(&output),
        Command::Persona(command) => command.run(&output),
        Command::Fault(command) => command.run(&output),
        Command::OpenApi(command) => command.run(&output),
        Command::Reference { page } => page.print(Cli::command(), &output),
        Command::Completions { shell } => {
            // Not straight to standard output: the generator panics where that is closed.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "vitald", &mut script);
            output.text(String::from_utf8_lossy(&script).trim_end())
        }
    };
    done.map_or_else(|error| exit::report(&error), |()| ExitCode::SUCCESS)
}

fn begin_log(loaded: &Loaded) {
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match loaded.settings.log_format {
        LogFormat::Json => lines.json().boxed(),
        LogFormat::Text => {
            lines.with_target(false).with_ansi(std::io::stderr().is_terminal()).boxed()
        }
    };
    let filter = settings::filter(loaded).unwrap_or_default();
    tracing_subscriber::registry().with(lines.with_filter(filter)).init();
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
}
