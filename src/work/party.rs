//! Somebody who can have something to do: an agent, or a member in person.

use crate::core::id::{AgentId, MemberId};
use crate::identity::actor::{Actor, AgentRef};

/// An agent or a member. Of a member's own agent it is the agent: a person and their agent are two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Party {
    Agent(AgentRef),
    Member {
        id: MemberId,
        /// As people read it; of a party made from an actor it is empty.
        name: String,
    },
}

impl Party {
    /// Who acts. `None` for the server itself.
    #[must_use]
    pub fn of(actor: &Actor) -> Option<Self> {
        match (&actor.agent, actor.member) {
            (Some(agent), _) => Some(Party::Agent(agent.clone())),
            (None, Some(id)) => Some(Party::Member { id, name: String::new() }),
            (None, None) => None,
        }
    }

    /// The agent's id, or the member's, as a table keeps them in two columns.
    #[must_use]
    pub fn ids(party: Option<&Self>) -> (Option<AgentId>, Option<MemberId>) {
        match party {
            None => (None, None),
            Some(Party::Agent(agent)) => (Some(agent.id), None),
            Some(Party::Member { id, .. }) => (None, Some(*id)),
        }
    }

    /// Whether it is this actor.
    #[must_use]
    pub fn is(&self, actor: &Actor) -> bool {
        Party::of(actor).is_some_and(|other| self.is_same(&other))
    }

    /// Whether both are one, whatever they are called.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Party::Agent(one), Party::Agent(other)) => one.id == other.id,
            (Party::Member { id: one, .. }, Party::Member { id: other, .. }) => one == other,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::clock::Timestamp;
    use crate::core::id::Ids;

    #[test]
    fn a_person_and_their_agent_are_two() {
        let ids = Ids::default();
        let member = ids.next(Timestamp::from_millis(1));
        let agent = AgentRef { id: ids.next(Timestamp::from_millis(1)), slug: "scout".to_owned() };
        let person = Actor { agent: None, member: Some(member) };
        let theirs = Actor { agent: Some(agent), member: Some(member) };

        let (one, other) = (Party::of(&person).expect("one"), Party::of(&theirs).expect("one"));

        assert!(one.is(&person) && other.is(&theirs));
        assert!(!one.is(&theirs) && !other.is(&person) && !one.is_same(&other));
        assert_eq!(Party::of(&Actor { agent: None, member: None }), None);
    }

    #[test]
    fn a_member_is_the_same_by_any_name() {
        let id = Ids::default().next(Timestamp::from_millis(1));
        let named = |name: &str| Party::Member { id, name: name.to_owned() };

        assert!(named("Ada").is_same(&named("")));
    }
}
