//! [`crate::store::near`] on SQLite: it has no index of vectors, and one machine's teams are looked
//! through in memory.

use super::tx::SqliteTx;
use crate::store::near::{Near, NearRead};

impl NearRead for SqliteTx<'_> {
    fn near(&mut self) -> Option<&mut dyn Near> {
        None
    }
}
