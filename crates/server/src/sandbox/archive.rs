//! What the faults of a sandbox do to the archive of a person's data: how it is laid out.

use super::faults;
use crate::web::App;
use domain::Result;
use domain::fault::{Kind, Place};
use healthmate::Layout;
use store::Access;

/// How an archive is laid out that somebody takes out now.
pub(crate) async fn layout(app: &App) -> Result<Layout> {
    let mut layout = Layout::default();
    if app.sandbox.is_none() {
        return Ok(layout);
    }
    let can = |one: &domain::fault::Fault| one.kind == Kind::ArchiveLayout;
    let asked = faults::of_place(&faults::live(&app.db).await?, Place::Archive, None, can);
    if asked.is_empty() {
        return Ok(layout);
    }
    for strike in app.db.run(Access::Write, move |tx| faults::each(tx, &asked)).await? {
        match strike.text_of("layout").as_str() {
            "french" => layout.is_french = true,
            "unordered" => layout.is_unordered = true,
            _ => layout.is_imperial = true,
        }
    }
    Ok(layout)
}
