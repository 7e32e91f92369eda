//! Identity graphs: records and tables in, what they did out as JSON text.

use std::sync::Arc;

use arrow_buffer::Buffer as ArrowBuffer;
use napi::bindgen_prelude::{AsyncTask, Buffer, External, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use wayfare::arrow::identity as tables;
use wayfare::identity::{IdentityGraph, IdentityRecord, IdentityRules};
use wayfare::{ErrorKind, ResolveRequest};

use crate::error::{Fault, guard};
use crate::profile::json;
use crate::table::{read, write};
use crate::value::{At, fields, instant};

/// A graph as JavaScript holds it; a run shares it, and it is copied only when a record comes meanwhile.
pub type Shared = Arc<IdentityGraph>;

/// Rules as YAML text, or as a JSON document.
fn rules(text: &str, is_yaml: bool) -> Result<IdentityRules, Fault> {
    Ok(if is_yaml { IdentityRules::from_yaml(text)? } else { IdentityRules::from_json(text)? })
}

#[napi]
pub fn identity_new(text: String, is_yaml: bool) -> napi::Result<External<Arc<IdentityGraph>>> {
    guard(|| Ok(External::new(Arc::new(IdentityGraph::new(&rules(&text, is_yaml)?)))))
}

#[napi]
pub fn identity_from_bytes(bytes: &[u8]) -> napi::Result<External<Arc<IdentityGraph>>> {
    guard(|| Ok(External::new(Arc::new(IdentityGraph::from_bytes(bytes)?))))
}

#[napi]
pub fn identity_with_rules(
    graph: &External<Arc<IdentityGraph>>,
    text: String,
    is_yaml: bool,
) -> napi::Result<External<Arc<IdentityGraph>>> {
    guard(|| Ok(External::new(Arc::new(graph.with_rules(&rules(&text, is_yaml)?)?))))
}

#[napi]
pub fn identity_to_bytes(graph: &External<Arc<IdentityGraph>>) -> napi::Result<Buffer> {
    guard(|| Ok(graph.to_bytes().into()))
}

#[napi]
pub fn identity_rules(graph: &External<Arc<IdentityGraph>>) -> napi::Result<String> {
    guard(|| json(graph.rules().spec()))
}

#[napi]
pub fn identity_size(graph: &External<Arc<IdentityGraph>>) -> napi::Result<f64> {
    guard(|| Ok(graph.len() as f64))
}

/// Links a record. `identifiers` is a JSON object of kinds and values or lists of values.
#[napi]
pub fn identity_link(graph: &mut External<Arc<IdentityGraph>>, at: At, id: Option<String>, identifiers: String) -> napi::Result<String> {
    guard(|| {
        let mut record = IdentityRecord::new(instant(&at).map_err(|fault| fault.of_field("at"))?);
        if let Some(id) = &id {
            record = record.id(id);
        }
        let named = fields(&identifiers)?;
        for (kind, value) in &named {
            let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
            for value in values.iter().filter_map(serde_json::Value::as_str) {
                record = record.identifier(kind, value);
            }
        }
        json(&Arc::make_mut(graph).link(&record)?)
    })
}

#[napi]
pub fn identity_unlink(graph: &mut External<Arc<IdentityGraph>>, id: String) -> napi::Result<String> {
    guard(|| json(&Arc::make_mut(graph).unlink(&id)?))
}

#[napi]
pub fn identity_person(graph: &External<Arc<IdentityGraph>>, kind: String, value: String) -> napi::Result<Option<String>> {
    guard(|| Ok(graph.person(&kind, &value)?))
}

#[napi]
pub fn identity_members(graph: &External<Arc<IdentityGraph>>, person: String) -> napi::Result<String> {
    guard(|| json(&graph.members(&person)))
}

/// Each identifier is a kind and a value.
#[napi]
pub fn identity_evidence(
    graph: &External<Arc<IdentityGraph>>,
    kind: String,
    value: String,
    other_kind: String,
    other_value: String,
) -> napi::Result<String> {
    guard(|| json(&graph.evidence((&kind, &value), (&other_kind, &other_value))?))
}

#[napi]
pub fn identity_persons(graph: &External<Arc<IdentityGraph>>) -> napi::Result<Buffer> {
    guard(|| Ok(write(&tables::persons(graph)?)?.into()))
}

/// Persons and refused rows as Arrow IPC streams, and the report as JSON text.
#[napi(object)]
pub struct Resolution {
    pub persons: Buffer,
    pub rejected: Buffer,
    pub report: String,
}

/// A table that is resolved.
pub struct Resolving {
    graph: Shared,
    identifiers: ArrowBuffer,
    request: ResolveRequest,
}

#[napi]
pub fn identity_resolve(
    graph: &External<Arc<IdentityGraph>>,
    identifiers: Uint8Array,
    request: String,
) -> napi::Result<AsyncTask<Resolving>> {
    guard(|| {
        let request = serde_json::from_str(&request).map_err(|error| Fault::new(ErrorKind::InvalidArgument, error.to_string()))?;
        Ok(AsyncTask::new(Resolving { graph: Arc::clone(graph), identifiers: ArrowBuffer::from(&*identifiers), request }))
    })
}

impl Task for Resolving {
    type Output = (Vec<u8>, Vec<u8>, String);
    type JsValue = Resolution;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        guard(|| {
            let found = tables::resolve(&self.graph, &read("identifiers", self.identifiers.clone())?, &self.request)?;
            Ok((write(&found.persons)?, write(&found.rejected)?, json(&found.report)?))
        })
    }

    fn resolve(&mut self, _: Env, (persons, rejected, report): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(Resolution { persons: persons.into(), rejected: rejected.into(), report })
    }
}

/// Links every row of a table. The refused rows are an Arrow IPC stream, the report is JSON text.
#[napi]
pub fn identity_link_table(
    graph: &mut External<Arc<IdentityGraph>>,
    identifiers: Uint8Array,
    request: String,
) -> napi::Result<LinkedTable> {
    guard(|| {
        let request: ResolveRequest =
            serde_json::from_str(&request).map_err(|error| Fault::new(ErrorKind::InvalidArgument, error.to_string()))?;
        let table = read("identifiers", ArrowBuffer::from(&*identifiers))?;
        let (report, rejected) = tables::link_table(Arc::make_mut(graph), &table, &request)?;
        Ok(LinkedTable { report: json(&report)?, rejected: write(&rejected)?.into() })
    })
}

/// What became of the rows of a table.
#[napi(object)]
pub struct LinkedTable {
    pub report: String,
    pub rejected: Buffer,
}
