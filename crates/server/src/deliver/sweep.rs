//! The log of deliveries is swept: what is older than it is kept goes, an application after the
//! other.

use store::{Access, Db, Tx, application, delivery};

/// Applications that are read at once.
const PAGE: i64 = 100;

/// Sweeps what was made before a moment. What fails is done by the next sweep.
pub(super) async fn sweep(db: Db, before: i64) {
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = db.run(Access::Read, move |tx| application::list(tx, &from, PAGE)).await;
        let Ok(page) = page else { return };
        let Some(last) = page.last() else { return };
        after.clone_from(&last.client_id);
        for one in page {
            let work = move |tx: &mut Tx<'_>| delivery::sweep(tx, &one.client_id, before);
            if db.run(Access::Write, work).await.is_err() {
                return;
            }
        }
    }
}
