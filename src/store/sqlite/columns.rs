//! How our values stand in SQLite's columns.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Row, RowIndex};

use crate::core::clock::Timestamp;
use crate::core::id::{Id, Kind};
use crate::identity::key::KeyId;
use crate::memory::fields::Named;

impl ToSql for Timestamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_millis().into())
    }
}

impl FromSql for Timestamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Timestamp::from_millis)
    }
}

impl<K: Kind> ToSql for Id<K> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl<K: Kind> FromSql for Id<K> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|_| FromSqlError::InvalidType)
    }
}

impl ToSql for KeyId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for KeyId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_str()?.parse().map_err(|_| FromSqlError::InvalidType)
    }
}

/// A column that holds one of the names of an enum.
pub(super) fn named<T: Named>(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<T> {
    let name: String = row.get(column)?;
    T::parse(&name).ok_or(rusqlite::Error::InvalidQuery)
}

/// A column that holds a list of texts as JSON.
pub(super) fn list(row: &Row<'_>, column: impl RowIndex) -> rusqlite::Result<Vec<String>> {
    let json: String = row.get(column)?;
    serde_json::from_str(&json).map_err(|_| rusqlite::Error::InvalidQuery)
}

/// A list of texts as JSON, for a column or a parameter that `json_each` reads.
pub(super) fn as_json(list: &[String]) -> String {
    serde_json::Value::from(list).to_string()
}
