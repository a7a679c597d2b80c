//! `/v2/order`

mod getdetail;

pub use getdetail::GetDetail;
