//! `/v2/dropshipment`

mod createorder;
mod createuserorder;
mod delete;
mod getorderstatus;
mod update;

pub use createorder::CreateOrder;
pub use createuserorder::{CreateUserOrder, UserOrdered};
pub use delete::{Cancelled, DeleteOrder};
pub use getorderstatus::GetOrderStatus;
pub use update::{UpdateOrder, UpdatedOrder};
