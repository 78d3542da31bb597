//! Pages of a long list: a cursor says where the next one begins.
//!
//! A cursor is bound to the team, the operation and the filters it was made under, so that one
//! from elsewhere is refused rather than giving a page that means nothing. The mark is a check
//! against mix-ups and not a lock: every query is limited to the caller's team anyway.

use sha2::{Digest, Sha256};

use super::error::{Error, Result};
use super::id::{Id, Kind};

/// Where a list was left off, as text for the caller to hand back.
#[must_use]
pub fn encode(scope: &[&str], position: i64) -> String {
    format!("{position:x}-{}", mark(scope, position))
}

/// Reads a cursor made by [`encode`] under the same scope.
///
/// # Errors
/// `INVALID_ARGUMENT` when it is damaged, or was made for another team, operation or filter.
pub fn decode(scope: &[&str], cursor: &str) -> Result<i64> {
    cursor
        .split_once('-')
        .and_then(|(position, seen)| {
            let position = i64::from_str_radix(position, 16).ok()?;
            (mark(scope, position) == seen).then_some(position)
        })
        .ok_or_else(foreign)
}

/// As [`encode`], for a list whose order is not that of a number: `place` is of `A-Za-z0-9_:`.
#[must_use]
pub fn encode_place(scope: &[&str], place: &str) -> String {
    format!("{place}-{}", mark(&[scope, &[place]].concat(), 0))
}

/// Reads a cursor made by [`encode_place`] under the same scope.
///
/// # Errors
/// As [`decode`].
pub fn decode_place(scope: &[&str], cursor: &str) -> Result<String> {
    let place = cursor.split_once('-').map_or("", |(place, _)| place);
    if encode_place(scope, place) == cursor { Ok(place.to_owned()) } else { Err(foreign()) }
}

/// Reads the cursor of a list of the newest first, which is the id that its last page ended with.
///
/// # Errors
/// `INVALID_ARGUMENT` when it is no such id.
pub fn before<K: Kind>(cursor: Option<&str>) -> Result<Option<Id<K>>> {
    let read = |cursor: &str| {
        cursor.parse().map_err(|_| {
            Error::invalid("cursor", "must be the `next_cursor` of the same list")
                .with_fix("leave `cursor` out to begin at the first page")
        })
    };
    cursor.map(read).transpose()
}

fn foreign() -> Error {
    Error::invalid("cursor", "must be the `next_cursor` of the same list and filters")
        .with_fix("leave `cursor` out to begin at the first page")
}

fn mark(scope: &[&str], position: i64) -> String {
    let mut hash = Sha256::new();
    for part in scope {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(position.to_be_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.finalize()[..8]);
    format!("{:016x}", u64::from_be_bytes(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_the_position_it_holds() {
        let cursor = encode(&["team_a", "my_activity"], 4711);

        assert_eq!(decode(&["team_a", "my_activity"], &cursor).ok(), Some(4711));
    }

    #[test]
    fn a_place_comes_back_under_its_own_scope_alone() {
        let cursor = encode_place(&["team_a", "export"], "memories:mem_1");

        let place = decode_place(&["team_a", "export"], &cursor);

        assert_eq!(place.ok().as_deref(), Some("memories:mem_1"));
        assert!(decode_place(&["team_b", "export"], &cursor).is_err());
        assert!(decode_place(&["team_a", "export"], "memories:mem_1-00").is_err());
    }

    #[test]
    fn a_cursor_of_another_team_or_a_damaged_one_is_refused() {
        let cursor = encode(&["team_a", "my_activity"], 4711);

        assert!(decode(&["team_b", "my_activity"], &cursor).is_err());
        assert!(decode(&["team_a", "key_list"], &cursor).is_err());
        assert!(decode(&["team_a", "my_activity"], "zz-00").is_err());
        assert!(decode(&["team_a", "my_activity"], "").is_err());
    }
}
