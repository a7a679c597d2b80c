//! A schema of its own in the PostgreSQL that `cargo xtask test` starts, gone when it is dropped.

use postgres::{Client, NoTls};
use std::sync::atomic::{AtomicU32, Ordering};

static MADE: AtomicU32 = AtomicU32::new(0);

/// An empty schema.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub(crate) fn create() -> Self {
        let server = std::env::var_os("VITALD_TEST_POSTGRES")
            .expect("run `cargo xtask test`, which starts a PostgreSQL")
            .into_string()
            .expect("VITALD_TEST_POSTGRES is text");
        let number = MADE.fetch_add(1, Ordering::SeqCst);
        let schema = Self { server, name: format!("it_{}_{number}", std::process::id()) };
        let Self { name, .. } = &schema;
        schema.run(&format!("drop schema if exists {name} cascade; create schema {name}"));
        schema
    }

    /// The address a store is opened with.
    pub(crate) fn address(&self) -> String {
        let joint = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{joint}options=-c%20search_path%3D{}", self.server, self.name)
    }

    /// What loses every connection that is changing people's data at this moment.
    pub(crate) fn breaker(&self) -> impl Fn() + Clone + Send + Sync + 'static {
        let Self { server, name } = self;
        let (server, name) = (server.clone(), name.clone());
        move || {
            let mut client = Client::connect(&server, NoTls).expect("the PostgreSQL answers");
            let lost = format!(
                "select pg_terminate_backend(pid, 30000) from pg_locks \
                 where relation = '{name}.person'::regclass and mode = 'RowExclusiveLock'"
            );
            let lost = client.query(&lost, &[]).expect("the PostgreSQL obeys");
            assert!(!lost.is_empty(), "whoever calls this is changing something");
        }
    }

    fn run(&self, sql: &str) {
        let mut client = Client::connect(&self.server, NoTls).expect("the PostgreSQL answers");
        client.batch_execute(sql).expect("the PostgreSQL obeys");
    }
}

impl Drop for Schema {
    fn drop(&mut self) {
        self.run(&format!("drop schema {} cascade", self.name));
    }
}
