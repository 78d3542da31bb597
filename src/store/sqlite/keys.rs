//! [`crate::store::keys`] on SQLite.

use rusqlite::{OptionalExtension, Row, named_params};

use super::columns::as_json;
use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scopes};
use crate::store::keys::{KeyRead, KeyRow, KeyWrite, NewKey};

impl KeyRead for SqliteTx<'_> {
    fn keys(&mut self, permit: &Permit) -> Result<Vec<KeyRow>> {
        let sql = "SELECT k.key_id, k.title, k.description, k.role, k.scopes, k.allow_list,
                          k.is_active, a.slug, k.is_locked, k.secret_number, k.created_by,
                          k.created_at, k.expires_at, k.last_used_at, k.rotated_at, k.revoked_at
                   FROM keys k
                   LEFT JOIN agents a ON a.team_id = k.team_id AND a.agent_id = k.agent_id
                   WHERE k.team_id = :team
                   ORDER BY k.created_at DESC, k.key_id";
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(named_params! { ":team": permit.team() }, key_row)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn key(&mut self, permit: &Permit, id: KeyId) -> Result<Option<KeyRow>> {
        let sql = "SELECT k.key_id, k.title, k.description, k.role, k.scopes, k.allow_list,
                          k.is_active, a.slug, k.is_locked, k.secret_number, k.created_by,
                          k.created_at, k.expires_at, k.last_used_at, k.rotated_at, k.revoked_at
                   FROM keys k
                   LEFT JOIN agents a ON a.team_id = k.team_id AND a.agent_id = k.agent_id
                   WHERE k.team_id = :team AND k.key_id = :key";
        let params = named_params! { ":team": permit.team(), ":key": id };
        Ok(self.statement(sql)?.query_row(params, key_row).optional()?)
    }

    fn has_other_owner_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool> {
        let sql = "SELECT 1 FROM keys
                   WHERE team_id = :team AND key_id <> :key AND role = 'owner'
                     AND ' ' || scopes || ' ' LIKE '% admin %' AND is_active = 1
                     AND secret_hash IS NOT NULL AND (expires_at IS NULL OR expires_at > :at)
                   LIMIT 1";
        let params = named_params! { ":team": permit.team(), ":key": id, ":at": at };
        Ok(self.statement(sql)?.exists(params)?)
    }
}

impl KeyWrite for SqliteTx<'_> {
    fn add_key(&mut self, permit: &Permit, key: &NewKey) -> Result<bool> {
        let sql = "SELECT 1 FROM keys WHERE team_id = :team AND title = :title";
        let params = named_params! { ":team": permit.team(), ":title": key.title };
        if self.statement(sql)?.exists(params)? {
            return Ok(false);
        }
        insert_key(self, permit.team(), key)?;
        Ok(true)
    }

    fn describe_key(&mut self, permit: &Permit, key: &KeyRow) -> Result<bool> {
        let sql = "SELECT 1 FROM keys WHERE team_id = :team AND title = :title AND key_id <> :key";
        let params = named_params! { ":team": permit.team(), ":title": key.title, ":key": key.id };
        if self.statement(sql)?.exists(params)? {
            return Ok(false);
        }
        let sql = "UPDATE keys SET title = :title, description = :description,
                          allow_list = :allow_list
                   WHERE team_id = :team AND key_id = :key";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":key": key.id,
            ":title": key.title,
            ":description": key.description,
            ":allow_list": key.allow_list.as_deref().map(as_json),
        })?;
        Ok(true)
    }

    fn set_key_active(&mut self, permit: &Permit, id: KeyId, is_active: bool) -> Result<()> {
        let sql = "UPDATE keys SET is_active = :is_active
                   WHERE team_id = :team AND key_id = :key AND revoked_at IS NULL";
        let params = named_params! { ":team": permit.team(), ":key": id, ":is_active": is_active };
        self.statement(sql)?.execute(params)?;
        Ok(())
    }

    fn rotate_key(
        &mut self,
        permit: &Permit,
        id: KeyId,
        secret_hash: &str,
        previous_until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<()> {
        let sql = "UPDATE keys SET
                       previous_hash = CASE WHEN :until IS NULL THEN NULL ELSE secret_hash END,
                       previous_until = :until, secret_hash = :hash,
                       secret_number = secret_number + 1, rotated_at = :at
                   WHERE team_id = :team AND key_id = :key AND revoked_at IS NULL";
        self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":key": id,
            ":hash": secret_hash,
            ":until": previous_until,
            ":at": at,
        })?;
        Ok(())
    }

    fn delete_key(&mut self, permit: &Permit, id: KeyId) -> Result<()> {
        let sql = "DELETE FROM keys WHERE team_id = :team AND key_id = :key";
        self.statement(sql)?.execute(named_params! { ":team": permit.team(), ":key": id })?;
        Ok(())
    }

    fn revoke_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE keys SET secret_hash = NULL, previous_hash = NULL, is_active = 0,
                          revoked_at = :at
                   WHERE team_id = :team AND key_id = :key AND revoked_at IS NULL";
        let params = named_params! { ":team": permit.team(), ":key": id, ":at": at };
        Ok(self.statement(sql)?.execute(params)? == 1)
    }
}

pub(super) fn insert_key(tx: &mut SqliteTx<'_>, team: TeamId, key: &NewKey) -> Result<()> {
    let sql = "INSERT INTO keys (team_id, key_id, title, description, role, scopes, allow_list,
                                 secret_hash, agent_id, is_locked, created_by, created_at,
                                 expires_at)
               VALUES (:team, :key, :title, :description, :role, :scopes, :allow_list,
                       :secret_hash, :agent, :is_locked, :created_by, :created_at, :expires_at)";
    tx.statement(sql)?.execute(named_params! {
        ":team": team,
        ":key": key.id,
        ":title": key.title,
        ":description": key.description,
        ":role": key.role.as_str(),
        ":scopes": key.scopes.to_string(),
        ":allow_list": key.allow_list.as_deref().map(as_json),
        ":secret_hash": key.secret_hash,
        ":agent": key.agent,
        ":is_locked": key.agent.is_some(),
        ":created_by": key.created_by,
        ":created_at": key.created_at,
        ":expires_at": key.expires_at,
    })?;
    Ok(())
}

/// A stored role; one that this program doesn't know is the least.
pub(super) fn role(row: &Row<'_>) -> rusqlite::Result<Role> {
    Ok(Role::parse(&row.get::<_, String>("role")?).unwrap_or(Role::Viewer))
}

/// A stored allow-list; one that can't be read allows nothing.
pub(super) fn allow_list(row: &Row<'_>) -> rusqlite::Result<Option<Vec<String>>> {
    let json: Option<String> = row.get("allow_list")?;
    Ok(json.map(|json| serde_json::from_str(&json).unwrap_or_default()))
}

fn key_row(row: &Row<'_>) -> rusqlite::Result<KeyRow> {
    Ok(KeyRow {
        id: row.get("key_id")?,
        title: row.get("title")?,
        description: row.get("description")?,
        role: role(row)?,
        scopes: Scopes::parse(&row.get::<_, String>("scopes")?),
        allow_list: allow_list(row)?,
        is_active: row.get("is_active")?,
        agent: row.get("slug")?,
        is_locked: row.get("is_locked")?,
        secret_number: row.get("secret_number")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        expires_at: row.get("expires_at")?,
        last_used_at: row.get("last_used_at")?,
        rotated_at: row.get("rotated_at")?,
        revoked_at: row.get("revoked_at")?,
    })
}
