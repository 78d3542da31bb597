//! [`crate::store::keys`] on PostgreSQL.

use tokio_postgres::Row;

use super::columns::as_json;
use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::identity::key::KeyId;
use crate::identity::permit::Permit;
use crate::identity::role::{Role, Scopes};
use crate::store::keys::{KeyRead, KeyRow, KeyWrite, NewKey};

impl KeyRead for PgTx<'_> {
    fn keys(&mut self, permit: &Permit) -> Result<Vec<KeyRow>> {
        let sql = "SELECT k.key_id, k.title, k.description, k.role, k.scopes, k.allow_list,
                          k.is_active, a.slug, k.is_locked, k.secret_number, k.created_by,
                          k.created_at, k.expires_at, k.last_used_at, k.rotated_at, k.revoked_at
                   FROM keys k
                   LEFT JOIN agents a ON a.team_id = k.team_id AND a.agent_id = k.agent_id
                   WHERE k.team_id = :team
                   ORDER BY k.created_at DESC, k.key_id";
        let rows = self.rows(sql, &[("team", &permit.team())])?;
        rows.iter().map(key_row).collect()
    }

    fn key(&mut self, permit: &Permit, id: KeyId) -> Result<Option<KeyRow>> {
        let sql = "SELECT k.key_id, k.title, k.description, k.role, k.scopes, k.allow_list,
                          k.is_active, a.slug, k.is_locked, k.secret_number, k.created_by,
                          k.created_at, k.expires_at, k.last_used_at, k.rotated_at, k.revoked_at
                   FROM keys k
                   LEFT JOIN agents a ON a.team_id = k.team_id AND a.agent_id = k.agent_id
                   WHERE k.team_id = :team AND k.key_id = :key";
        let row = self.row(sql, &[("team", &permit.team()), ("key", &id)])?;
        row.as_ref().map(key_row).transpose()
    }

    fn has_other_owner_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool> {
        let sql = "SELECT 1 FROM keys
                   WHERE team_id = :team AND key_id <> :key AND role = 'owner'
                     AND ' ' || scopes || ' ' LIKE '% admin %' AND is_active
                     AND secret_hash IS NOT NULL AND (expires_at IS NULL OR expires_at > :at)
                   LIMIT 1";
        self.exists(sql, &[("team", &permit.team()), ("key", &id), ("at", &at)])
    }
}

impl KeyWrite for PgTx<'_> {
    fn add_key(&mut self, permit: &Permit, key: &NewKey) -> Result<bool> {
        let sql = "SELECT 1 FROM keys WHERE team_id = :team AND title = :title";
        if self.exists(sql, &[("team", &permit.team()), ("title", &key.title)])? {
            return Ok(false);
        }
        insert_key(self, permit.team(), key)?;
        Ok(true)
    }

    fn describe_key(&mut self, permit: &Permit, key: &KeyRow) -> Result<bool> {
        let sql = "SELECT 1 FROM keys WHERE team_id = :team AND title = :title AND key_id <> :key";
        if self.exists(sql, &[("team", &permit.team()), ("title", &key.title), ("key", &key.id)])? {
            return Ok(false);
        }
        let sql = "UPDATE keys SET title = :title, description = :description,
                          allow_list = :allow_list
                   WHERE team_id = :team AND key_id = :key";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("key", &key.id),
                ("title", &key.title),
                ("description", &key.description),
                ("allow_list", &key.allow_list.as_deref().map(as_json)),
            ],
        )?;
        Ok(true)
    }

    fn set_key_active(&mut self, permit: &Permit, id: KeyId, is_active: bool) -> Result<()> {
        let sql = "UPDATE keys SET is_active = :is_active
                   WHERE team_id = :team AND key_id = :key AND revoked_at IS NULL";
        self.execute(sql, &[("team", &permit.team()), ("key", &id), ("is_active", &is_active)])
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
                       previous_hash = CASE WHEN :until::bigint IS NULL THEN NULL ELSE secret_hash END,
                       previous_until = :until, secret_hash = :hash,
                       secret_number = secret_number + 1, rotated_at = :at
                   WHERE team_id = :team AND key_id = :key AND revoked_at IS NULL";
        self.execute(
            sql,
            &[
                ("team", &permit.team()),
                ("key", &id),
                ("hash", &secret_hash),
                ("until", &previous_until),
                ("at", &at),
            ],
        )
    }

    fn delete_key(&mut self, permit: &Permit, id: KeyId) -> Result<()> {
        let sql = "DELETE FROM keys WHERE team_id = :team AND key_id = :key";
        self.execute(sql, &[("team", &permit.team()), ("key", &id)])?;
        let sql = "DELETE FROM key_teams WHERE team_id = :team AND key_id = :key";
        self.execute(sql, &[("team", &permit.team()), ("key", &id)])
    }

    fn revoke_key(&mut self, permit: &Permit, id: KeyId, at: Timestamp) -> Result<bool> {
        let sql = "UPDATE keys SET secret_hash = NULL, previous_hash = NULL, is_active = FALSE,
                          revoked_at = :at
                   WHERE team_id = :team AND key_id = :key AND revoked_at IS NULL";
        Ok(self.count(sql, &[("team", &permit.team()), ("key", &id), ("at", &at)])? == 1)
    }
}

pub(super) fn insert_key(tx: &mut PgTx<'_>, team: TeamId, key: &NewKey) -> Result<()> {
    // First, because it is what keeps the id one key's among all teams.
    let sql = "INSERT INTO key_teams (key_id, team_id) VALUES (:key, :team)";
    tx.execute(sql, &[("team", &team), ("key", &key.id)])?;
    let sql = "INSERT INTO keys (team_id, key_id, title, description, role, scopes, allow_list,
                                 secret_hash, agent_id, is_locked, created_by, created_at,
                                 expires_at)
               VALUES (:team, :key, :title, :description, :role, :scopes, :allow_list,
                       :secret_hash, :agent, :is_locked, :created_by, :created_at, :expires_at)";
    tx.execute(
        sql,
        &[
            ("team", &team),
            ("key", &key.id),
            ("title", &key.title),
            ("description", &key.description),
            ("role", &key.role.as_str()),
            ("scopes", &key.scopes.to_string()),
            ("allow_list", &key.allow_list.as_deref().map(as_json)),
            ("secret_hash", &key.secret_hash),
            ("agent", &key.agent),
            ("is_locked", &key.agent.is_some()),
            ("created_by", &key.created_by),
            ("created_at", &key.created_at),
            ("expires_at", &key.expires_at),
        ],
    )
}

/// A stored role; one that this program doesn't know is the least.
pub(super) fn role(row: &Row) -> Result<Role> {
    Ok(Role::parse(row.try_get("role")?).unwrap_or(Role::Viewer))
}

/// A stored allow-list; one that can't be read allows nothing.
pub(super) fn allow_list(row: &Row) -> Result<Option<Vec<String>>> {
    let json: Option<&str> = row.try_get("allow_list")?;
    Ok(json.map(|json| serde_json::from_str(json).unwrap_or_default()))
}

fn key_row(row: &Row) -> Result<KeyRow> {
    Ok(KeyRow {
        id: row.try_get("key_id")?,
        title: row.try_get("title")?,
        description: row.try_get("description")?,
        role: role(row)?,
        scopes: Scopes::parse(row.try_get("scopes")?),
        allow_list: allow_list(row)?,
        is_active: row.try_get("is_active")?,
        agent: row.try_get("slug")?,
        is_locked: row.try_get("is_locked")?,
        secret_number: row.try_get("secret_number")?,
        created_by: row.try_get("created_by")?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        last_used_at: row.try_get("last_used_at")?,
        rotated_at: row.try_get("rotated_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
