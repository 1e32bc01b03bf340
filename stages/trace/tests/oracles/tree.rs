//! The tree that the rows of one transaction describe.

use crate::trace_row::Trace;

/// A row and those below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) row: Trace,
    pub(crate) children: Vec<Node>,
}

/// Builds the tree of one transaction; panics where rows are out of order, or a trace address, a count of subtraces or
/// a success does not fit the rows above and below.
pub(crate) fn tree_of(rows: &[Trace]) -> Node {
    let mut rows = rows.iter().cloned();
    let root = rows.next().expect("a transaction has a root trace");
    assert!(root.trace_address.is_empty(), "the first trace is not the root: {root:?}");
    let mut rows = rows.peekable();
    let tree = node(root, &mut rows);
    assert_eq!(rows.next(), None, "a trace without a parent");
    tree
}

fn node(row: Trace, rest: &mut std::iter::Peekable<impl Iterator<Item = Trace>>) -> Node {
    let mut children = Vec::new();
    let is_below = |other: &Trace| other.trace_address.len() > row.trace_address.len();
    while let Some(child) = rest.next_if(is_below) {
        let expected = [&row.trace_address[..], &[children.len() as u32]].concat();
        assert_eq!(child.trace_address, expected, "trace address");
        assert_eq!(child.success, row.success && child.error.is_none(), "success of {child:?}");
        children.push(node(child, rest));
    }
    assert_eq!(row.subtraces as usize, children.len(), "subtraces of {row:?}");
    Node { row, children }
}

impl Node {
    /// The rows again, in order, with the addresses and counts that they have in this tree.
    pub(crate) fn flatten(self) -> Vec<Trace> {
        let mut rows = Vec::new();
        self.flatten_into(Vec::new(), &mut rows);
        rows
    }

    fn flatten_into(self, trace_address: Vec<u32>, rows: &mut Vec<Trace>) {
        let subtraces = self.children.len() as u32;
        rows.push(Trace { trace_address: trace_address.clone(), subtraces, ..self.row });
        for (index, child) in self.children.into_iter().enumerate() {
            child.flatten_into([&trace_address[..], &[index as u32]].concat(), rows);
        }
    }

    /// The tree without the frames, at any depth below the root, that `unwanted` names.
    pub(crate) fn without(mut self, unwanted: &impl Fn(&Trace) -> bool) -> Self {
        self.children.retain(|child| !unwanted(&child.row));
        self.children = self.children.into_iter().map(|child| child.without(unwanted)).collect();
        self
    }
}
