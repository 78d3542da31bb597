//! Members: taking up an invitation, signing in with a password, and changing it.
//!
//! A password never travels as an operation's argument; it comes by the ways that call this.

use serde_json::json;

use crate::core::clock::Timestamp;
use crate::core::error::{Code, Error, Result};
use crate::core::id::MemberId;
use crate::core::secret::Secret;
use crate::identity::actor::{Actor, Credential, Trust};
use crate::identity::event::{Act, Event, Outcome};
use crate::identity::member::{self, Invitation, Standing};
use crate::identity::password;
use crate::identity::permit::{Exempt, Requirement};
use crate::identity::role::{Role, Scope, Scopes};
use crate::store::member_sign_in::SignInMember;
use crate::store::sign_in::SignInTx;

use super::{Auth, Principal};

/// What an e-mail that nobody has is compared with: nobody's password, at the cost of anybody's.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bWVtb3JhbmRhLW5vYm9keQ\
                       $AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A member who came in.
#[derive(Debug, Clone)]
pub struct Joined {
    pub id: MemberId,
    pub team_slug: String,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
}

impl Auth {
    /// Takes up an invitation: its member is active from then on, with this password.
    ///
    /// Of two who take up one invitation, one comes in.
    ///
    /// # Errors
    /// `NOT_FOUND` for a code that is malformed, unknown, used or too old: one answer for all;
    /// `INVALID_ARGUMENT` for a password that won't do.
    pub async fn take_up(&self, code: &Secret, chosen: &Secret) -> Result<Joined> {
        let hash = Invitation::parse(code.expose().trim()).map_err(|_| no_invitation())?.hash();
        let at = self.clock.now();
        let wanted = hash.clone();
        let found = self.store.sign_in(move |tx| tx.member_of_invitation(&wanted)).await?;
        let row = found.filter(|row| can_join(row, at)).ok_or_else(no_invitation)?;
        let checked = checked(chosen, &row)?;
        let password_hash = self.hasher.hash(checked).await?;
        // Hashing may have waited; a code must not outlive its time by that.
        let (event, at) = (self.event("member_accept", self.clock.now()), self.clock.now());
        self.store
            .first_use(move |tx| {
                let row = tx.member_of_invitation(&hash)?.filter(|row| can_join(row, at));
                let row = row.ok_or_else(no_invitation)?;
                tx.join(row.team, row.id, &password_hash, at)?;
                record(tx, &event, &row)?;
                Ok(Joined {
                    id: row.id,
                    team_slug: row.team_slug,
                    display_name: row.display_name,
                    email: row.email,
                    role: row.role,
                })
            })
            .await
    }

    /// The principal of a member, by e-mail and password. The team is named by its slug; without
    /// one it is the only team there is. Its role is the one of now.
    ///
    /// An unknown e-mail costs the same argon2id as a known one.
    ///
    /// # Errors
    /// `UNAUTHENTICATED`, the same whatever was wrong; `UNAVAILABLE`.
    pub async fn member(
        &self,
        team: Option<&str>,
        email: &str,
        presented: &Secret,
    ) -> Result<Principal> {
        Ok(principal(&self.member_row(team, email, presented).await?))
    }

    /// Changes a member's password, who shows the current one. Whatever is signed in with that is
    /// refused from then on.
    ///
    /// # Errors
    /// As [`Auth::member`]; `INVALID_ARGUMENT` for a new one that won't do; `CONFLICT` when it was
    /// changed meanwhile.
    pub async fn change_password(
        &self,
        team: Option<&str>,
        email: &str,
        current: &Secret,
        chosen: &Secret,
    ) -> Result<()> {
        let row = self.member_row(team, email, current).await?;
        self.set_password(row, None, chosen).await
    }

    /// Sets the local owner's password without the current one: whoever can open the file is owner.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for one that won't do; `CONFLICT` when the database has no single team.
    pub async fn set_local_password(&self, chosen: &Secret) -> Result<()> {
        let owner = self.local_owner().await?;
        let (team, id) = (owner.team, owner.actor.member);
        let row = self.store.sign_in(move |tx| match id {
            Some(id) => tx.member_for_sign_in(team, id),
            None => Ok(None),
        });
        let row = row.await?.ok_or_else(|| Error::not_found("member"))?;
        self.set_password(row, Some(owner), chosen).await
    }

    async fn set_password(
        &self,
        row: SignInMember,
        by: Option<Principal>,
        chosen: &Secret,
    ) -> Result<()> {
        let hash = self.hasher.hash(checked(chosen, &row)?).await?;
        let event = self.event("member_password", self.clock.now());
        self.store
            .first_use(move |tx| {
                let now = tx.member_for_sign_in(row.team, row.id)?.filter(|now| {
                    now.standing == Standing::Active && now.change_number == row.change_number
                });
                let now = now.ok_or_else(changed_meanwhile)?;
                tx.set_password(row.team, row.id, &hash)?;
                match &by {
                    Some(owner) => tx.record_sign_in(&owner.permit(&event.0)?, &event.1(&now)),
                    None => record(tx, &event, &now),
                }
            })
            .await
    }

    /// The row of a member who shows e-mail and password.
    async fn member_row(
        &self,
        team: Option<&str>,
        email: &str,
        presented: &Secret,
    ) -> Result<SignInMember> {
        let (team, email) = (team.map(str::to_owned), member::email(email).ok());
        let found = self.store.sign_in(move |tx| match &email {
            Some(email) => tx.member_of_email(team.as_deref(), email),
            None => Ok(None),
        });
        let found = found.await?;
        let hash = compared_with(found.as_ref()).to_owned();
        let unknown = || Ok(false);
        let verdict = self.hasher.verify(password::normal(presented), hash, unknown).await?;
        found
            .filter(|row| verdict.is_match && row.standing == Standing::Active)
            .filter(|row| row.password_hash.is_some())
            .ok_or_else(not_signed_in)
    }

    /// What an act of a member's own is written down as: the requirement, and the event of a row.
    fn event(&self, operation: &'static str, at: Timestamp) -> OwnAct {
        let requirement = Requirement {
            operation,
            scope: Scope::Read,
            least_role: Role::Viewer,
            exempt: Exempt::Everything,
        };
        let (id, request) = (self.ids.next(at), self.ids.next(at));
        let event = move |row: &SignInMember| {
            let object_id = row.id.to_string();
            let act = Act { object_kind: "member", object_id, summary: json!({}) };
            Event { id, at, request, outcome: Outcome::Done, act }
        };
        (requirement, Box::new(event))
    }
}

type OwnAct = (Requirement, Box<dyn Fn(&SignInMember) -> Event + Send>);

fn record(tx: &mut dyn SignInTx, (requirement, event): &OwnAct, row: &SignInMember) -> Result<()> {
    tx.record_sign_in(&principal(row).permit(requirement)?, &event(row))
}

fn can_join(row: &SignInMember, at: Timestamp) -> bool {
    row.standing == Standing::Invited && row.invited_until.is_some_and(|until| at < until)
}

/// The hash that a password is compared with: always one.
fn compared_with(row: Option<&SignInMember>) -> &str {
    row.and_then(|row| row.password_hash.as_deref()).unwrap_or(NOBODYS)
}

fn checked(chosen: &Secret, row: &SignInMember) -> Result<Secret> {
    password::checked(chosen, &[row.email.as_deref().unwrap_or_default(), &row.display_name])
}

fn principal(row: &SignInMember) -> Principal {
    Principal {
        team: row.team,
        team_slug: row.team_slug.clone(),
        actor: Actor { agent: None, member: Some(row.id) },
        credential: Credential::Member { id: row.id, change_number: row.change_number },
        role: row.role,
        scopes: scopes(row.role),
        allow_list: None,
        trust: Trust::Approved,
        secrets: row.secrets,
    }
}

/// What a person of a role may do. A viewer's writing is proposing.
fn scopes(role: Role) -> Scopes {
    if role >= Role::Admin {
        Scopes::all()
    } else {
        [Scope::Read, Scope::Write].into_iter().collect()
    }
}

fn no_invitation() -> Error {
    Error::not_found("invitation").with_fix("ask an admin of the team for a new one")
}

fn not_signed_in() -> Error {
    Error::unauthenticated("the e-mail or the password is wrong")
        .with_fix("check both; an admin of the team can invite you anew")
}

fn changed_meanwhile() -> Error {
    Error::new(Code::Conflict, "this member has changed just now").with_fix("try again")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::identity::hash::Hasher;

    #[tokio::test]
    async fn nobodys_password_costs_as_much_as_anybodys() {
        let made = Hasher::new(1, Duration::from_secs(60))
            .hash(Secret::new("x".to_owned()))
            .await
            .expect("hashes");
        let cost = |hash: &str| hash.split('$').take(4).collect::<Vec<_>>().join("$");
        let length = |hash: &str| hash.len();

        assert_eq!(cost(NOBODYS), cost(&made));
        assert_eq!(length(NOBODYS), length(&made));
        assert_eq!(compared_with(None), NOBODYS);
        let hasher = Hasher::new(1, Duration::from_secs(60));
        let verified = hasher.verify(Secret::new(String::new()), NOBODYS.into(), || Ok(false));
        assert!(!verified.await.expect("it can be read").is_match);
    }
}
