//! A query whose conditions depend on what the caller asked for. Values are always parameters.

use super::columns::Column;

/// SQL text that grows by conditions, with the parameters that they name.
pub(super) struct Query<'a> {
    pub(super) sql: String,
    pub(super) params: Vec<(&'static str, &'a dyn Column)>,
}

impl<'a> Query<'a> {
    /// Begins with a statement that ends in its `WHERE …`, and its parameters.
    pub(super) fn new(sql: &str, params: &[(&'static str, &'a dyn Column)]) -> Self {
        Self { sql: sql.to_owned(), params: params.to_vec() }
    }

    /// Adds ` AND condition` where there is a value for the parameter that it names.
    pub(super) fn and<T: Column>(
        &mut self,
        condition: &str,
        name: &'static str,
        value: Option<&'a T>,
    ) {
        if let Some(value) = value {
            self.sql.push_str(" AND ");
            self.sql.push_str(condition);
            self.params.push((name, value));
        }
    }
}
