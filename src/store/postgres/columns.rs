//! How our values stand in PostgreSQL's columns.

use std::error::Error as StdError;

use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

use crate::core::clock::Timestamp;
use crate::core::error::{Error, Result};
use crate::core::id::{Id, Kind};
use crate::identity::key::KeyId;
use crate::memory::fields::Named;

type Fallible<T> = std::result::Result<T, Box<dyn StdError + Sync + Send>>;

/// A parameter on its way to the database. Owned, so that a statement can be sent later than the
/// code that wrote it runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Null,
    Truth(bool),
    Whole(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Texts(Vec<String>),
    /// A column of many rows.
    Many(Vec<Value>),
}

impl ToSql for Value {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Fallible<IsNull> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Truth(value) => value.to_sql_checked(kind, out),
            Value::Whole(value) => value.to_sql_checked(kind, out),
            Value::Real(value) => value.to_sql_checked(kind, out),
            Value::Text(value) => value.to_sql_checked(kind, out),
            Value::Bytes(value) => value.to_sql_checked(kind, out),
            Value::Texts(value) => value.to_sql_checked(kind, out),
            Value::Many(values) => values.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        // Each value asks for its own type above.
        true
    }

    to_sql_checked!();
}

/// What can be a parameter.
pub(super) trait Column {
    fn value(&self) -> Value;
}

impl<T: Column> Column for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or(Value::Null, Column::value)
    }
}

impl<T: Column + ?Sized> Column for &T {
    fn value(&self) -> Value {
        (**self).value()
    }
}

impl Column for Value {
    fn value(&self) -> Value {
        self.clone()
    }
}

impl Column for bool {
    fn value(&self) -> Value {
        Value::Truth(*self)
    }
}

impl Column for i64 {
    fn value(&self) -> Value {
        Value::Whole(*self)
    }
}

impl Column for f64 {
    fn value(&self) -> Value {
        Value::Real(*self)
    }
}

impl Column for str {
    fn value(&self) -> Value {
        Value::Text(self.to_owned())
    }
}

impl Column for String {
    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Column for Vec<String> {
    fn value(&self) -> Value {
        Value::Texts(self.clone())
    }
}

impl Column for [u8; 32] {
    fn value(&self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

impl Column for Vec<u8> {
    fn value(&self) -> Value {
        Value::Bytes(self.clone())
    }
}

impl Column for Timestamp {
    fn value(&self) -> Value {
        Value::Whole(self.as_millis())
    }
}

impl<K: Kind> Column for Id<K> {
    fn value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl Column for KeyId {
    fn value(&self) -> Value {
        Value::Text(self.as_str().to_owned())
    }
}

impl FromSql<'_> for Timestamp {
    fn from_sql(kind: &Type, raw: &[u8]) -> Fallible<Self> {
        i64::from_sql(kind, raw).map(Timestamp::from_millis)
    }

    fn accepts(kind: &Type) -> bool {
        <i64 as FromSql>::accepts(kind)
    }
}

impl<K: Kind> FromSql<'_> for Id<K> {
    fn from_sql(kind: &Type, raw: &[u8]) -> Fallible<Self> {
        <&str>::from_sql(kind, raw)?.parse().map_err(|_| "not an id of this kind".into())
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql>::accepts(kind)
    }
}

impl FromSql<'_> for KeyId {
    fn from_sql(kind: &Type, raw: &[u8]) -> Fallible<Self> {
        <&str>::from_sql(kind, raw)?.parse().map_err(|_| "not a key's id".into())
    }

    fn accepts(kind: &Type) -> bool {
        <&str as FromSql>::accepts(kind)
    }
}

/// A column that holds one of the names of an enum.
pub(super) fn named<T: Named>(row: &Row, column: &str) -> Result<T> {
    T::parse(row.try_get(column)?).ok_or_else(|| Error::internal("a column holds an unknown name"))
}

/// A column that holds a list of texts as JSON.
pub(super) fn list(row: &Row, column: &str) -> Result<Vec<String>> {
    serde_json::from_str(row.try_get(column)?).map_err(Error::internal)
}

/// A list of texts as JSON, for a column.
pub(super) fn as_json(list: &[String]) -> String {
    serde_json::Value::from(list).to_string()
}
