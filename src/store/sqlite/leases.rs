//! [`crate::store::leases`] on SQLite.

use rusqlite::named_params;

use super::tx::SqliteTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TaskId;
use crate::identity::permit::Permit;
use crate::store::leases::{LeaseRead, LeaseWrite};
use crate::work::party::Party;

impl LeaseRead for SqliteTx<'_> {
    fn open_needs(&mut self, permit: &Permit, id: TaskId) -> Result<Vec<TaskId>> {
        let sql = "SELECT n.needs_id FROM task_needs n
                   JOIN tasks t ON t.team_id = n.team_id AND t.task_id = n.needs_id
                   WHERE n.team_id = :team AND n.task_id = :id
                     AND t.status NOT IN ('DONE', 'CANCELLED')
                   ORDER BY n.needs_id";
        let params = named_params! { ":team": permit.team(), ":id": id };
        let mut statement = self.statement(sql)?;
        let rows = statement.query_map(params, |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

impl LeaseWrite for SqliteTx<'_> {
    fn end_leases(&mut self, permit: &Permit, holder: &Party, at: Timestamp) -> Result<u64> {
        let sql = "UPDATE tasks SET lease_until = :at, version = version + 1, updated_at = :at
                   WHERE team_id = :team AND lease_until > :at
                     AND (holder_agent_id = :agent OR holder_member_id = :member)";
        let (agent, member) = Party::ids(Some(holder));
        let ended = self.statement(sql)?.execute(named_params! {
            ":team": permit.team(),
            ":at": at,
            ":agent": agent,
            ":member": member,
        })?;
        Ok(ended as u64)
    }
}
