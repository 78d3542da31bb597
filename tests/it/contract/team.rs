//! Who acts in a case: teams, their agents and keys, put straight into an empty store.

use std::sync::Arc;

use memoranda::core::clock::Timestamp;
use memoranda::core::error::Result;
use memoranda::core::id::{AgentId, Id, Ids, Kind, MemberId, MemoryId, TeamId};
use memoranda::core::text::words;
use memoranda::identity::actor::{Actor, AgentRef, Credential, Trust};
use memoranda::identity::event::{Act, Event, Outcome};
use memoranda::identity::guard::Policy;
use memoranda::identity::key::{ApiKey, KeyId};
use memoranda::identity::permit::{Exempt, Permit, Requirement};
use memoranda::identity::principal::Principal;
use memoranda::identity::role::{Role, Scope, Scopes};
use memoranda::memory::draft::Draft;
use memoranda::memory::memory::{Author, Memory};
use memoranda::memory::search::Filter;
use memoranda::store::activity::EventFilter;
use memoranda::store::agents::AgentRow;
use memoranda::store::keys::NewKey;
use memoranda::store::setup::NewTeam;
use memoranda::store::{ReadTx, Store, WriteTx};
use serde_json::json;

/// More than any case holds.
pub const ALL: usize = 10_000;

/// A moment of the cases: so many milliseconds after they begin.
pub fn at(millis: i64) -> Timestamp {
    Timestamp::parse("2026-11-22T09:00:00Z", false).expect("a time").plus_millis(millis)
}

/// A memory with this content and nothing else.
pub fn draft(content: &str) -> Draft {
    Draft { content: Some(content.to_owned()), ..Draft::default() }
}

/// A team on a store.
#[derive(Clone)]
pub struct Team {
    store: Store,
    ids: Arc<Ids>,
    pub id: TeamId,
    pub slug: String,
    pub owner: MemberId,
}

impl Team {
    /// Makes a team, without any key.
    pub async fn new(store: &Store, slug: &str) -> Self {
        let ids = Arc::new(Ids::default());
        let team = NewTeam {
            id: ids.next(at(0)),
            slug: slug.to_owned(),
            owner: ids.next(at(0)),
            owner_name: "Owner".to_owned(),
            created_at: at(0),
        };
        let new = team.clone();
        store.set_up(move |tx| tx.add_team(&new)).await.expect("a team");
        Self { store: store.clone(), ids, id: team.id, slug: team.slug, owner: team.owner }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    pub fn next_id<K: Kind>(&self) -> Id<K> {
        self.ids.next(at(0))
    }

    /// A key to be added. Its hash is no hash: the store doesn't look into it.
    pub fn new_key(&self, title: &str) -> NewKey {
        NewKey {
            id: ApiKey::generate().id(),
            title: title.to_owned(),
            description: None,
            role: Role::Owner,
            scopes: Scopes::all(),
            allow_list: None,
            secret_hash: format!("the hash of {title}"),
            agent: None,
            created_by: format!("member {}", self.owner),
            created_at: at(0),
            expires_at: None,
        }
    }

    /// Adds a key as the first start does: without anybody's permission.
    pub async fn add_key(&self, key: NewKey) -> KeyId {
        let (team, id) = (self.id, key.id);
        self.store.set_up(move |tx| tx.add_first_key(team, &key)).await.expect("a key");
        id
    }

    /// An agent's record, to be added.
    pub fn new_agent(&self, slug: &str, status: Trust) -> AgentRow {
        AgentRow {
            id: self.next_id(),
            slug: slug.to_owned(),
            display_name: slug.to_uppercase(),
            agent_type: None,
            description: None,
            status,
            created_at: at(0),
        }
    }

    /// Adds an agent as a first use does.
    pub async fn add_agent(&self, agent: AgentRow) -> AgentId {
        let (team, id) = (self.id, agent.id);
        self.store.first_use(move |tx| tx.add_agent(team, &agent)).await.expect("an agent");
        id
    }

    /// An approved agent with a key of its own.
    pub async fn agent(&self, slug: &str) -> Caller {
        self.agent_with(slug, Trust::Approved, None).await
    }

    /// An agent that was approved when it signed in, and what became of it and its key since.
    pub async fn agent_with(
        &self,
        slug: &str,
        status: Trust,
        expires_at: Option<Timestamp>,
    ) -> Caller {
        let agent = self.add_agent(self.new_agent(slug, status)).await;
        let key = NewKey { agent: Some(agent), expires_at, ..self.new_key(slug) };
        let key = self.add_key(key).await;
        let agent = AgentRef { id: agent, slug: slug.to_owned() };
        let credential = Credential::Key { id: key, secret_number: 1, session: None };
        self.caller(Actor { agent: Some(agent), member: None }, credential)
    }

    /// The owner in person, on the machine of the database.
    pub fn owner(&self) -> Caller {
        self.caller(Actor { agent: None, member: Some(self.owner) }, Credential::Local)
    }

    /// An agent of the owner's own, on the machine of the database.
    pub async fn owners_agent(&self, slug: &str) -> Caller {
        let id = self.add_agent(self.new_agent(slug, Trust::Approved)).await;
        let agent = AgentRef { id, slug: slug.to_owned() };
        self.caller(Actor { agent: Some(agent), member: Some(self.owner) }, Credential::Local)
    }

    /// Somebody who showed one of a key's secrets, by its number.
    pub fn with_secret(&self, id: KeyId, secret_number: i64) -> Caller {
        let actor = Actor { agent: None, member: Some(self.owner) };
        self.caller(actor, Credential::Key { id, secret_number, session: None })
    }

    fn caller(&self, actor: Actor, credential: Credential) -> Caller {
        let principal = Principal {
            team: self.id,
            team_slug: self.slug.clone(),
            actor,
            credential,
            role: Role::Owner,
            scopes: Scopes::all(),
            allow_list: None,
            trust: Trust::Approved,
            secrets: Policy::Reject,
        };
        Caller::new(&self.store, &self.ids, principal)
    }
}

/// Somebody of a team, signed in.
#[derive(Clone)]
pub struct Caller {
    store: Store,
    ids: Arc<Ids>,
    pub principal: Principal,
}

impl Caller {
    pub fn new(store: &Store, ids: &Arc<Ids>, principal: Principal) -> Self {
        Self { store: store.clone(), ids: Arc::clone(ids), principal }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The same caller, with a credential of this role.
    pub fn in_role(mut self, role: Role) -> Self {
        self.principal.role = role;
        self
    }

    pub fn agent_id(&self) -> AgentId {
        self.principal.actor.agent.as_ref().expect("an agent").id
    }

    pub fn key_id(&self) -> KeyId {
        self.principal.credential.key().expect("a key")
    }

    pub fn next_id<K: Kind>(&self) -> Id<K> {
        self.ids.next(at(0))
    }

    /// The permission to do anything a case does, as the operation `case`.
    pub fn permit(&self) -> Permit {
        self.permit_exempt(Exempt::Nothing)
    }

    /// The same, free of some checks.
    pub fn permit_exempt(&self, exempt: Exempt) -> Permit {
        let requirement = Requirement {
            operation: "case",
            scope: Scope::Write,
            least_role: Role::Viewer,
            exempt,
        };
        self.principal.permit(&requirement).expect("an owner may")
    }

    pub async fn read<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn ReadTx, &Permit) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit();
        self.store.read(&self.permit(), at(0), move |tx| work(tx, &permit)).await
    }

    pub async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut dyn WriteTx, &Permit) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = self.permit();
        self.store.write(&self.permit(), at(0), move |tx| work(tx, &permit)).await
    }

    /// An event on an object, to be recorded.
    pub fn event(&self, object_id: &str) -> Event {
        Event {
            id: self.next_id(),
            at: at(0),
            request: self.next_id(),
            outcome: Outcome::Done,
            act: Act {
                object_kind: "memory",
                object_id: object_id.to_owned(),
                summary: json!({ "of": object_id }),
            },
        }
    }

    /// A new memory, to be added.
    pub fn memory(&self, draft: Draft) -> Memory {
        self.memory_at(at(0), draft)
    }

    /// A new memory of a moment, to be added.
    pub fn memory_at(&self, created_at: Timestamp, draft: Draft) -> Memory {
        let statement = draft.into_statement(created_at).expect("a statement");
        Memory::new(self.next_id(), statement, Author::of(&self.permit()), created_at)
    }

    /// Adds a memory.
    pub async fn add(&self, memory: Memory) -> Result<MemoryId> {
        self.write(move |tx, permit| {
            tx.add_memory(permit, &memory, &memory.words())?;
            Ok(memory.id)
        })
        .await
    }

    /// Adds a memory that must be kept.
    pub async fn remember(&self, draft: Draft) -> Memory {
        let memory = self.memory(draft);
        self.add(memory.clone()).await.expect("a memory is kept");
        memory
    }

    /// Makes a memory's next version.
    pub async fn change(&self, next: Memory) -> Result<bool> {
        self.write(move |tx, permit| tx.change_memory(permit, &next, Some(&next.words()))).await
    }

    pub async fn get(&self, id: MemoryId) -> Option<Memory> {
        self.read(move |tx, permit| tx.memory(permit, id)).await.expect("reads")
    }

    /// The ids of what full text finds, best first.
    pub async fn found(&self, query: &str, filter: &Filter, limit: usize) -> Vec<MemoryId> {
        let (words, filter) = (words::query(query), filter.clone());
        let found =
            self.read(move |tx, permit| tx.memories_with_words(permit, &words, &filter, limit));
        found.await.expect("reads").iter().map(|candidate| candidate.memory.id).collect()
    }

    /// The ids of the newest memories, newest first.
    pub async fn newest(&self, filter: &Filter, limit: usize) -> Vec<MemoryId> {
        let filter = filter.clone();
        let found = self.read(move |tx, permit| tx.newest_memories(permit, &filter, limit));
        found.await.expect("reads").iter().map(|memory| memory.id).collect()
    }

    pub async fn count(&self) -> u64 {
        self.read(|tx, permit| tx.count_memories(permit)).await.expect("reads")
    }

    /// How many events the team's trail holds.
    pub async fn events(&self) -> usize {
        let events = self.read(|tx, permit| tx.events(permit, &EventFilter::default(), ALL));
        events.await.expect("reads").len()
    }
}
