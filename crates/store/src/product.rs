//! What can be ordered: the operator's catalogue. An organization's own products come before those
//! of everybody.

use crate::tx::{Row, Tx, values};
use domain::order::{Kind, models_of, models_text};
use domain::{Error, OrganizationId, Result};

/// Stands for every organization.
pub const EVERYBODY: OrganizationId = OrganizationId(0);

/// A product as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Whose it is; [`EVERYBODY`].
    pub organization: OrganizationId,
    /// How it is named.
    pub kind: Kind,
    /// Its name.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// The devices in the box, by model.
    pub models: Vec<i64>,
    /// When it was put into the catalogue.
    pub created: i64,
}

fn read(row: &Row<'_>) -> Result<Product> {
    let kind = Kind::parse(&row.text(1)?);
    Ok(Product {
        organization: OrganizationId(row.int(0)?),
        kind: kind.ok_or_else(|| Error::internal("a stored product is named in no known way"))?,
        code: row.text(2)?,
        name: row.text(3)?,
        models: models_of(&row.text(4)?),
        created: row.int(5)?,
    })
}

/// Puts a product into the catalogue, or changes what is said of the one that is there.
pub fn put(tx: &mut Tx<'_>, product: &Product) -> Result<()> {
    let Product { organization, kind, code, name, models, .. } = product;
    let (models, now) = (models_text(models), tx.now());
    tx.exec(
        "insert into product (organization_id, kind, code, name, models, created) \
         values ($1, $2, $3, $4, $5, $6) on conflict (organization_id, kind, code) \
         do update set name = excluded.name, models = excluded.models",
        values![organization.0, kind.name(), code.as_str(), name.as_str(), models.as_str(), now],
    )
    .map(|_| ())
}

/// Takes a product out of the catalogue; `false` if it is not there. Orders of it stay.
pub fn remove(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    kind: Kind,
    code: &str,
) -> Result<bool> {
    let sql = "delete from product where organization_id = $1 and kind = $2 and code = $3";
    Ok(tx.exec(sql, values![organization.0, kind.name(), code])? == 1)
}

/// The product of that name an organization can order: its own, else everybody's.
pub fn find(
    tx: &mut Tx<'_>,
    organization: Option<OrganizationId>,
    kind: Kind,
    code: &str,
) -> Result<Option<Product>> {
    let organization = organization.unwrap_or(EVERYBODY);
    let sql = "select organization_id, kind, code, name, models, created from product \
               where organization_id in ($1, 0) and kind = $2 and code = $3 \
               order by organization_id desc limit 1";
    tx.row(sql, values![organization.0, kind.name(), code], read)
}

/// The catalogue in the order of its key, after a place.
pub fn list(
    tx: &mut Tx<'_>,
    (organization, kind, code): (OrganizationId, &str, &str),
    limit: i64,
) -> Result<Vec<Product>> {
    let sql = "select organization_id, kind, code, name, models, created from product \
               where (organization_id, kind, code) > ($1, $2, $3) \
               order by organization_id, kind, code limit $4";
    tx.rows(sql, values![organization.0, kind, code, limit], read)
}
