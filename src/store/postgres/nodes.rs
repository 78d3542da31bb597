//! [`crate::store::nodes`] on PostgreSQL.

use tokio_postgres::Row;

use super::columns::{Column, named};
use super::party::{self, party};
use super::tx::PgTx;
use crate::core::error::Result;
use crate::core::id::NodeId;
use crate::core::named::Named;
use crate::identity::permit::Permit;
use crate::store::nodes::{ActiveNode, NodeRead, NodeWrite};
use crate::work::node::Node;
use crate::work::party::Party;
use crate::work::tree::Place;

pub(super) fn select() -> String {
    format!(
        "SELECT t.node_id, t.kind, t.parent_id, t.position, t.statement, t.description, t.status,
                t.version, t.created_at, t.updated_at, {}, {}
         FROM nodes t",
        party::columns("owner"),
        party::columns("author"),
    )
}

impl NodeRead for PgTx<'_> {
    fn node(&mut self, permit: &Permit, id: NodeId) -> Result<Option<Node>> {
        let sql = format!("{} WHERE t.team_id = :team AND t.node_id = :id", select());
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("id", &id)];
        self.row(&sql, &params)?.as_ref().map(node_row).transpose()
    }

    fn nodes_of(&mut self, permit: &Permit, ids: &[NodeId]) -> Result<Vec<Node>> {
        let sql = format!(
            "{} JOIN unnest(:ids::text[]) WITH ORDINALITY given (id, place) ON t.node_id = given.id
             WHERE t.team_id = :team ORDER BY given.place",
            select()
        );
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("ids", &ids)];
        self.rows(&sql, &params)?.iter().map(node_row).collect()
    }

    fn active_nodes(&mut self, permit: &Permit, limit: usize) -> Result<Vec<ActiveNode>> {
        let sql = "SELECT node_id, kind, version, statement FROM nodes
                   WHERE team_id = :team AND status = 'ACTIVE'
                   ORDER BY updated_at DESC, node_id DESC LIMIT :limit";
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self.rows(sql, &[("team", &permit.team()), ("limit", &limit)])?;
        let nodes = rows.iter().map(|row| {
            Ok(ActiveNode {
                id: row.try_get("node_id")?,
                kind: named(row, "kind")?,
                version: row.try_get("version")?,
                statement: row.try_get("statement")?,
            })
        });
        nodes.collect()
    }

    fn node_places(&mut self, permit: &Permit) -> Result<Vec<Place>> {
        let sql = "SELECT node_id, parent_id FROM nodes WHERE team_id = :team
                   ORDER BY parent_id, position, node_id";
        let rows = self.rows(sql, &[("team", &permit.team())])?;
        let places = rows.iter().map(|row| {
            Ok(Place { id: row.try_get("node_id")?, parent: row.try_get("parent_id")? })
        });
        places.collect()
    }

    fn nodes_below(&mut self, permit: &Permit, parent: Option<NodeId>) -> Result<Vec<NodeId>> {
        let sql = "SELECT node_id FROM nodes
                   WHERE team_id = :team AND parent_id IS NOT DISTINCT FROM :parent
                   ORDER BY position, node_id";
        let params: [(&str, &dyn Column); 2] = [("team", &permit.team()), ("parent", &parent)];
        self.rows(sql, &params)?.iter().map(|row| Ok(row.try_get("node_id")?)).collect()
    }
}

impl NodeWrite for PgTx<'_> {
    fn add_node(&mut self, permit: &Permit, node: &Node) -> Result<()> {
        let sql = "INSERT INTO nodes (team_id, node_id, kind, parent_id, position, statement,
                          description, status, owner_agent_id, owner_member_id, author_agent_id,
                          author_member_id, version, created_at, updated_at)
                   VALUES (:team, :id, :kind, :parent, :position, :statement, :description, :status,
                           :owner_agent, :owner_member, :author_agent, :author_member, :version,
                           :created_at, :updated_at)";
        let (author_agent, author_member) = Party::ids(node.author.as_ref());
        let kind = node.kind.as_str();
        with_params(permit, node, |params| {
            let mut params = params.to_vec();
            params.extend([
                ("kind", &kind as &dyn Column),
                ("author_agent", &author_agent),
                ("author_member", &author_member),
                ("created_at", &node.created_at),
            ]);
            self.count(sql, &params)?;
            Ok(())
        })
    }

    fn update_node(&mut self, permit: &Permit, node: &Node) -> Result<bool> {
        let sql = "UPDATE nodes SET parent_id = :parent, position = :position,
                          statement = :statement, description = :description, status = :status,
                          owner_agent_id = :owner_agent, owner_member_id = :owner_member,
                          version = :version, updated_at = :updated_at
                   WHERE team_id = :team AND node_id = :id AND version = :version::bigint - 1";
        with_params(permit, node, |params| Ok(self.count(sql, params)? > 0))
    }

    fn order_nodes(&mut self, permit: &Permit, ids: &[NodeId]) -> Result<()> {
        let sql = "UPDATE nodes SET position = given.place - 1
                   FROM unnest(:ids::text[]) WITH ORDINALITY given (id, place)
                   WHERE nodes.team_id = :team AND nodes.node_id = given.id";
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        self.execute(sql, &[("team", &permit.team()), ("ids", &ids)])
    }
}

/// Hands on what both statements write.
fn with_params<T>(
    permit: &Permit,
    node: &Node,
    run: impl FnOnce(&[(&str, &dyn Column)]) -> Result<T>,
) -> Result<T> {
    let (owner_agent, owner_member) = Party::ids(node.owner.as_ref());
    run(&[
        ("team", &permit.team()),
        ("id", &node.id),
        ("parent", &node.parent),
        ("position", &node.position),
        ("statement", &node.statement),
        ("description", &node.description),
        ("status", &node.status.as_str()),
        ("owner_agent", &owner_agent),
        ("owner_member", &owner_member),
        ("version", &node.version),
        ("updated_at", &node.updated_at),
    ])
}

pub(super) fn node_row(row: &Row) -> Result<Node> {
    Ok(Node {
        id: row.try_get("node_id")?,
        kind: named(row, "kind")?,
        parent: row.try_get("parent_id")?,
        position: row.try_get("position")?,
        statement: row.try_get("statement")?,
        description: row.try_get("description")?,
        status: named(row, "status")?,
        owner: party(row, "owner")?,
        author: party(row, "author")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}
