//! `vitald token …`

use crate::audit;
use crate::location::Location;
use crate::output::Output;
use api::admin;
use clap::{Args, Subcommand};
use domain::UserId;
use serde::Serialize;
use store::Access;

/// Access tokens without the pages.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Issue a pair of tokens, as if the person had agreed.
    Issue(Issue),
}

/// Issue a pair of tokens, as if the person had agreed.
#[derive(Debug, Args)]
pub(crate) struct Issue {
    /// The application.
    #[arg(long, value_name = "CLIENT_ID")]
    client: String,
    /// Whose data it opens: an id or an e-mail address.
    #[arg(long, value_name = "ID_OR_EMAIL")]
    user: String,
    /// What it may be used for, by commas; if not said, every scope of the reference, and not
    /// vitald.delete.
    #[arg(long)]
    scope: Option<String>,
}

#[derive(Serialize)]
struct Issued {
    userid: UserId,
    access_token: String,
    refresh_token: String,
    expires_in: i64,
    scope: String,
}

impl Token {
    pub(crate) fn run(self, location: &Location, output: &Output) -> anyhow::Result<()> {
        let Self::Issue(Issue { client, user, scope }) = self;
        let tokens = location.run(Access::Write, move |tx| {
            let tokens = admin::issue_token(tx, &client, &user, scope.as_deref())?;
            audit::staff(tx, Some(tokens.user), "token issue")?;
            Ok(tokens)
        })?;
        output.one(&Issued {
            userid: tokens.user,
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            expires_in: tokens.expires_in,
            scope: tokens.scope,
        })
    }
}
