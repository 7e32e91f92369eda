//! An action with its group.

use crate::reference::document::{entries, texts};
use serde_json::Value as Json;

/// What an action says is the action's; what it does not say is the group's.
#[derive(Clone, Copy)]
pub struct Action<'a> {
    pub own: &'a Json,
    pub group: Option<(&'a str, &'a Json)>,
}

pub fn actions(file: &Json) -> Vec<Action<'_>> {
    let groups = &file["groups"];
    let read = |own| read_action(own, groups);
    file["actions"].as_array().map_or(Vec::new(), |all| all.iter().map(read).collect())
}

fn read_action<'a>(own: &'a Json, groups: &'a Json) -> Action<'a> {
    let name = own.get("group").and_then(Json::as_str);
    Action { own, group: name.map(|name| (name, &groups[name])) }
}

impl<'a> Action<'a> {
    pub fn name(&self) -> &'a str {
        self.own["name"].as_str().expect("a name")
    }

    /// The action's, else the group's.
    pub fn get(&self, key: &str) -> Option<&'a Json> {
        self.own.get(key).or_else(|| self.group?.1.get(key))
    }

    pub fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key).and_then(Json::as_str)
    }

    /// The group's, then the action's: a gate of either stops.
    pub fn both(&self, key: &str) -> Vec<&'a Json> {
        let of_group = self.group.and_then(|(_, group)| group.get(key));
        of_group.into_iter().chain(self.own.get(key)).collect()
    }

    pub fn is_ask(&self) -> bool {
        self.own.get("ask").is_some()
    }

    pub fn in_group(&self, name: &str) -> bool {
        self.group.is_some_and(|(group, _)| group == name)
    }

    pub fn purpose(&self) -> &'a str {
        self.text("purpose").expect("a purpose")
    }

    /// The channels as listed; all when none are.
    pub fn channels(&self, file: &Json) -> Vec<String> {
        match self.get("channels") {
            Some(listed) => texts(listed),
            None => entries(file.get("channels")).map(|(name, _)| name.clone()).collect(),
        }
    }
}

/// Whether a list or a single name of the file, where absent means any, names this.
pub fn any_or_names(listed: Option<&Json>, name: Option<&str>) -> bool {
    listed.is_none_or(|listed| name.is_some_and(|name| texts(listed).iter().any(|one| one == name)))
}
