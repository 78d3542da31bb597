//! `import`: records from an export or from another program, some at a time.
//!
//! The one idea: how far an import has come is written in the unit of what it took. One that was
//! cut off goes on from there, and each record is handled once. `import_record.rs` says what
//! becomes of one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::{Call, Done};
use super::import_record::{Change, Given, Verdict};
use super::spec::{Effect, Method, Operation, Route, Spec, Toolset};
use crate::core::error::{Code, Error, Result};
use crate::identity::event::Act;
use crate::identity::permit::Exempt;
use crate::identity::role::{Role, Scope};
use crate::memory::draft::label;
use crate::store::transfer::Progress;

pub struct Import;

/// Some records, and where they stand among all.
#[derive(Deserialize, JsonSchema)]
pub struct Input {
    /// What names this import: letters, digits, . _ -
    #[schemars(length(min = 1, max = 64))]
    import: String,
    /// How many records came before these; those that were handled already are not given again
    #[schemars(range(min = 0, max = 9_007_199_254_740_991_i64))]
    first: Option<i64>,
    /// Up to 200 records of the lossless format; left out, the answer says how far the import is
    #[schemars(length(min = 1, max = 200))]
    records: Option<Vec<Map<String, Value>>>,
    /// true says what would become of them and changes nothing
    dry_run: Option<bool>,
}

/// What became of them.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Output {
    import: String,
    /// How many records were handled so far: the next ones begin there
    done: i64,
    /// Of these records, how many are here now because of it
    taken: i64,
    /// How many were here before
    known: i64,
    /// Those that were not taken
    refused: Vec<Refused>,
    dry_run: bool,
}

/// A record that was not taken.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Refused {
    /// Its place among all records, from 0
    place: i64,
    /// Why not
    rule: String,
}

impl Operation for Import {
    type Input = Input;
    type Output = Output;
    const SPEC: Spec = Spec {
        name: "import",
        title: "Import records",
        description: include_str!("../../tools/import.md"),
        scope: Scope::Write,
        least_role: Role::Viewer,
        exempt: Exempt::Nothing,
        effect: Effect::Add,
        is_idempotent: true,
        toolset: Toolset::Admin,
        is_listed: false,
        route: Route { method: Method::Post, path: "/import", status: 200 },
        // `cli/import.rs`: it reads files and sends what is in them.
        cli: None,
        resource: None,
        aliases: &[],
    };

    async fn run(call: &Call<'_>, input: Input) -> Result<Output> {
        let import = label("import", input.import)?;
        let first = input.first.unwrap_or(0);
        let Some(records) = input.records else {
            return progress(call, import).await;
        };
        let given: Vec<Given> =
            records.into_iter().map(|record| Given::read(record, call)).collect();
        let at = call.at;
        if input.dry_run.unwrap_or(false) {
            return call
                .read(move |tx, permit| {
                    let mut output = Output::empty(&import, first, true);
                    for record in &given {
                        output.count(&record.weigh(tx, permit, true)?);
                    }
                    Ok(output)
                })
                .await;
        }
        call.change_texts(move |tx, permit| {
            let before = tx.import_progress(permit, &import)?;
            let before = before.unwrap_or(Progress {
                done: 0,
                taken: 0,
                known: 0,
                refused: 0,
                began_at: at,
                updated_at: at,
            });
            if before.done != first {
                return Err(out_of_step(before.done));
            }
            let mut output = Output::empty(&import, first, false);
            let mut policies = 0;
            for record in &given {
                let verdict = record.weigh(tx, permit, false)?;
                output.count(&verdict);
                if let Verdict::Take(change) = verdict {
                    policies += i64::from(change.is_policy());
                    Change::make(&change, tx, permit, at)?;
                }
            }
            let refused = i64::try_from(output.refused.len()).unwrap_or(i64::MAX);
            let progress = Progress {
                done: output.done,
                taken: before.taken + output.taken,
                known: before.known + output.known,
                refused: before.refused + refused,
                updated_at: at,
                ..before
            };
            tx.set_import_progress(permit, &import, &progress)?;
            let mut summary = json!({
                "first": first,
                "taken": output.taken,
                "known": output.known,
                "refused": refused,
            });
            if policies > 0 {
                summary["policies"] = json!(policies);
            }
            let act = Act { object_kind: "import", object_id: import.clone(), summary };
            Ok(Done::Changed(output, act))
        })
        .await
    }
}

/// How far an import is.
async fn progress(call: &Call<'_>, import: String) -> Result<Output> {
    let name = import.clone();
    let progress = call.look_up(move |tx, permit| tx.import_progress(permit, &name)).await?;
    let mut output = Output::empty(&import, progress.map_or(0, |progress| progress.done), false);
    if let Some(progress) = progress {
        (output.taken, output.known) = (progress.taken, progress.known);
    }
    Ok(output)
}

fn out_of_step(done: i64) -> Error {
    Error::new(Code::Conflict, "these records are not the next ones of this import")
        .with_fix("go on with those from `done` on; perhaps the same import runs elsewhere too")
        .with_detail("done", json!(done))
}

impl Output {
    fn empty(import: &str, done: i64, dry_run: bool) -> Self {
        let import = import.to_owned();
        Self { import, done, taken: 0, known: 0, refused: Vec::new(), dry_run }
    }

    fn count(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Take(_) => self.taken += 1,
            Verdict::Known => self.known += 1,
            Verdict::Refuse(rule) => {
                self.refused.push(Refused { place: self.done, rule: rule.clone() });
            }
        }
        self.done += 1;
    }
}
