//! `vitald openapi`

use crate::output::Output;
use clap::Args;

/// Print the API as an OpenAPI 3.1 document, always JSON, as `/openapi.json` serves it.
#[derive(Debug, Args)]
pub(crate) struct OpenApi {
    /// The address people and programs know the server by, such as `https://health.example.org`.
    #[arg(long, value_name = "URL", value_parser = server::config::site)]
    public_url: Option<url::Url>,
}

impl OpenApi {
    pub(crate) fn run(self, output: &Output) -> anyhow::Result<()> {
        let document = api::openapi::document(self.public_url.as_ref().map(url::Url::as_str));
        output.text(&serde_json::to_string_pretty(&document)?)
    }
}
