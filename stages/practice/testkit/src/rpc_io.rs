//! `.io` files: JSON-RPC requests and what geth answered about the chain next to them.
//!
//! A line starts with `>>` (a request), `<<` (its answer) or `//` (a comment). `speconly` in a comment means that
//! upstream's runner compares only the shape of the answer.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::{VectorError, file, vectors};

/// One `.io` file of the execution API's tests.
#[derive(Debug, Clone, PartialEq)]
pub struct RpcFile {
    /// The path of the file.
    pub path: PathBuf,
    /// Whether upstream compares only the shape of the answers. They are geth's answers all the same.
    pub speconly: bool,
    /// Requests with their answers, in order; at least one.
    pub exchanges: Vec<Exchange>,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// `eth_getBalance` and so on.
    pub method: String,
    /// The parameter list; `Null` where the request has none.
    pub params: Value,
    /// What was answered: `result`, or else the `error` object.
    pub answer: Result<Value, Value>,
}

/// The `.io` files of one method (a folder below `rpc`), sorted by name.
pub fn of_method(rpc: &Path, method: &str) -> Result<Vec<RpcFile>, VectorError> {
    all(&rpc.join(method))
}

/// Every `.io` file below a folder, sorted by path.
pub fn all(folder: &Path) -> Result<Vec<RpcFile>, VectorError> {
    let files = vectors::files_below(folder, &[".io"]).map_err(VectorError::read(folder))?;
    files.iter().map(|path| read(path)).collect()
}

/// Reads one `.io` file.
pub fn read(path: &Path) -> Result<RpcFile, VectorError> {
    parse(path, &file::text(path)?)
}

#[derive(Deserialize)]
struct Request {
    method: String,
    #[serde(default)]
    params: Value,
}

fn parse(path: &Path, text: &str) -> Result<RpcFile, VectorError> {
    let mut file = RpcFile { path: path.to_path_buf(), speconly: false, exchanges: Vec::new() };
    let mut open: Option<Request> = None;
    for (index, line) in text.lines().enumerate() {
        let wrong = |problem| VectorError::Line { path: path.to_path_buf(), line: index + 1, problem };
        if let Some(comment) = line.strip_prefix("//") {
            file.speconly |= comment.contains("speconly");
        } else if let Some(request) = line.strip_prefix(">>") {
            let request = serde_json::from_str(request).map_err(VectorError::json(path))?;
            if open.replace(request).is_some() {
                return Err(wrong("a request follows a request that has no answer"));
            }
        } else if let Some(answer) = line.strip_prefix("<<") {
            let Request { method, params } =
                open.take().ok_or_else(|| wrong("an answer without a request"))?;
            let answer = serde_json::from_str(answer).map_err(VectorError::json(path))?;
            let answer = outcome(answer).ok_or_else(|| wrong("an answer has neither result nor error"))?;
            file.exchanges.push(Exchange { method, params, answer });
        } else if !line.trim().is_empty() {
            return Err(wrong("a line starts with none of '>>', '<<' and '//'"));
        }
    }
    match open {
        None if !file.exchanges.is_empty() => Ok(file),
        _ => Err(VectorError::Line {
            path: path.to_path_buf(),
            line: text.lines().count(),
            problem: "the file ends without an answer",
        }),
    }
}

fn outcome(mut answer: Value) -> Option<Result<Value, Value>> {
    let fields = answer.as_object_mut()?;
    fields.remove("error").map(Err).or_else(|| fields.remove("result").map(Ok))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<RpcFile, VectorError> {
        parse(Path::new("a.io"), text)
    }

    #[test]
    fn requests_meet_their_answers() {
        let text = "// speconly: only the shape\n>> {\"method\":\"a\",\"params\":[1]}\n<< {\"result\":null}\n\
                    >> {\"method\":\"b\"}\n<< {\"error\":{\"code\":3}}\n";
        let file = parsed(text).unwrap();
        assert!(file.speconly);
        let [a, b] = &file.exchanges[..] else { panic!("two exchanges") };
        assert_eq!((a.method.as_str(), &a.answer), ("a", &Ok(Value::Null)));
        assert_eq!((b.method.as_str(), &b.params, b.answer.is_err()), ("b", &Value::Null, true));
    }

    #[test]
    fn a_broken_file_is_refused_with_its_line() {
        for (text, start) in [
            ("<< {\"result\":1}", "a.io:1: an answer without"),
            (">> {\"method\":\"a\"}", "a.io:1: the file ends"),
            (">> {\"method\":\"a\"}\n>> {\"method\":\"a\"}", "a.io:2: a request follows"),
            ("// x\nhello", "a.io:2: a line starts"),
            (">> {\"method\":\"a\"}\n<< {}", "a.io:2: an answer has neither"),
        ] {
            let error = parsed(text).unwrap_err().to_string();
            assert!(error.starts_with(start), "{error}");
        }
    }
}
