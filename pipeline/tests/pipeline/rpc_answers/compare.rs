//! Two JSON values, field by field.

use std::collections::BTreeSet;

use serde_json::Value;

/// Where `ours` and `geths` differ, as lines that name the field; `left_out` are names of fields that do not count.
pub(super) fn differences(ours: &Value, geths: &Value, left_out: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    walk("answer", ours, geths, left_out, &mut found);
    found
}

fn walk(path: &str, ours: &Value, geths: &Value, left_out: &[&str], found: &mut Vec<String>) {
    match (ours, geths) {
        (Value::Object(mine), Value::Object(theirs)) => {
            let names: BTreeSet<_> = mine.keys().chain(theirs.keys()).collect();
            for name in names.into_iter().filter(|name| !left_out.contains(&name.as_str())) {
                let path = format!("{path}.{name}");
                match (mine.get(name), theirs.get(name)) {
                    (Some(mine), Some(theirs)) => walk(&path, mine, theirs, left_out, found),
                    (mine, theirs) => found.push(format!("{path}: ours {mine:?}, geth's {theirs:?}")),
                }
            }
        }
        (Value::Array(mine), Value::Array(theirs)) if mine.len() == theirs.len() => {
            for (index, (mine, theirs)) in mine.iter().zip(theirs).enumerate() {
                walk(&format!("{path}[{index}]"), mine, theirs, left_out, found);
            }
        }
        _ if ours == geths => {}
        _ => found.push(format!("{path}: ours {ours}, geth's {geths}")),
    }
}
