//! [`crate::store::sweeps`] on PostgreSQL.

use super::tx::PgTx;
use crate::core::clock::Timestamp;
use crate::core::error::Result;
use crate::core::id::TeamId;
use crate::store::sweeps::{SweepTx, Turn};

impl SweepTx for PgTx<'_> {
    fn due_sweeps(&mut self, at: Timestamp) -> Result<Vec<TeamId>> {
        let sql = "SELECT DISTINCT p.team_id
                   FROM retention_policies p LEFT JOIN sweeps s ON s.team_id = p.team_id
                   WHERE s.team_id IS NULL OR (s.due_at <= :at AND s.held_until <= :at)
                   ORDER BY p.team_id";
        let rows = self.rows(sql, &[("at", &at)])?;
        rows.iter().map(|row| Ok(row.try_get("team_id")?)).collect()
    }

    fn take_sweep(&mut self, turn: &Turn, at: Timestamp) -> Result<bool> {
        self.hold(turn.team)?;
        let sql = "INSERT INTO sweeps (team_id, holder, held_until, due_at)
                   VALUES (:team, :holder, :until, :at)
                   ON CONFLICT (team_id) DO UPDATE SET
                       holder = excluded.holder, held_until = excluded.held_until
                   WHERE sweeps.due_at <= :at AND sweeps.held_until <= :at";
        let taken = self.count(
            sql,
            &[("team", &turn.team), ("holder", &turn.holder), ("until", &turn.until), ("at", &at)],
        )?;
        Ok(taken == 1)
    }

    fn end_sweep(&mut self, turn: &Turn, due_at: Timestamp) -> Result<()> {
        self.hold(turn.team)?;
        let sql = "UPDATE sweeps SET held_until = 0, due_at = :due
                   WHERE team_id = :team AND holder = :holder AND held_until = :until";
        self.execute(
            sql,
            &[
                ("team", &turn.team),
                ("holder", &turn.holder),
                ("until", &turn.until),
                ("due", &due_at),
            ],
        )
    }
}
