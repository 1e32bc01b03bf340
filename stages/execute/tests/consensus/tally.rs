//! What became of the blocks of all tests, and what is wrong about it.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use blockmill_testkit::blockchain_tests::{BlockchainTest, PostState, TestBlock, read};
use rayon::prelude::*;

use crate::refusals::Refusal;
use crate::rules::{UNNAMED, is_for};
use crate::tree::Tree;

/// How many tests of a network there were, and what became of their blocks.
#[derive(Default, Clone, Copy)]
struct Counts {
    tests: usize,
    accepted: usize,
    refused: usize,
}

/// The outcome of many tests.
#[derive(Default)]
pub(crate) struct Tally {
    networks: BTreeMap<String, Counts>,
    /// How many blocks were refused, by what the tests say is wrong with them.
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    /// Runs every test of these files.
    pub(crate) fn of(files: &[PathBuf]) -> Self {
        files.par_iter().map(|path| Self::of_file(path)).reduce(Self::default, Self::and)
    }

    fn of_file(path: &Path) -> Self {
        let mut tally = Self::default();
        let tests = read(path).unwrap();
        if tests.is_empty() {
            tally.wrong.push(format!("{}: no test", path.display()));
        }
        tests.iter().for_each(|test| tally.run(test));
        tally
    }

    fn and(mut self, other: Self) -> Self {
        for (network, counts) in other.networks {
            let mine = self.networks.entry(network).or_default();
            mine.tests += counts.tests;
            mine.accepted += counts.accepted;
            mine.refused += counts.refused;
        }
        for (rule, blocks) in other.refused {
            *self.refused.entry(rule).or_default() += blocks;
        }
        self.wrong.extend(other.wrong);
        self
    }

    /// How many tests were run.
    pub(crate) fn tests(&self) -> usize {
        self.networks.values().map(|counts| counts.tests).sum()
    }

    /// How many blocks were refused of which the tests say what is wrong with them.
    pub(crate) fn refused_with_reason(&self) -> usize {
        self.refused.iter().filter(|(rule, _)| *rule != UNNAMED).map(|(_, blocks)| blocks).sum()
    }

    /// Prints what there was, and panics where something is not as a test says.
    #[expect(clippy::print_stdout, reason = "the table is for the person who runs the test")]
    pub(crate) fn assert_all_is_right(&self) {
        println!("{self}");
        assert!(self.wrong.is_empty(), "{} wrong:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }

    fn run(&mut self, test: &BlockchainTest) {
        let place = format!("{} [{}]", test.path.display(), test.name);
        let mut tree = Tree::new(test);
        let mut counts = Counts { tests: 1, ..Counts::default() };
        for (at, block) in test.blocks.iter().enumerate() {
            let verdict = tree.add(block);
            match &verdict {
                Ok(()) => counts.accepted += 1,
                Err(_) => counts.refused += 1,
            }
            if let Err(problem) = self.judge(block, &verdict) {
                self.wrong.push(format!("{place} block {at}: {problem}"));
            }
        }
        if let Err(problem) = compare_end(test, &tree) {
            self.wrong.push(format!("{place}: {problem}"));
        }
        let tally = Self { networks: [(test.network.clone(), counts)].into(), ..Self::default() };
        *self = std::mem::take(self).and(tally);
    }

    fn judge(&mut self, block: &TestBlock, verdict: &Result<(), Refusal>) -> Result<(), String> {
        let rule = match (&block.expect_exception, block.is_valid()) {
            (None, true) => {
                return verdict
                    .as_ref()
                    .map_err(|refusal| format!("refused a valid block: {refusal}"))
                    .copied();
            }
            (Some(rule), true) => return Err(format!("has a header and is to be refused: {rule}")),
            (rule, false) => rule.as_deref().unwrap_or(UNNAMED),
        };
        let Err(refusal) = verdict else { return Err(format!("accepted: {rule}")) };
        *self.refused.entry(rule.to_owned()).or_default() += 1;
        match is_for(refusal, rule) {
            Ok(true) => Ok(()),
            Ok(false) => Err(format!("{rule}, refused because {refusal}")),
            Err(unknown) => Err(format!("{unknown}; refused because {refusal}")),
        }
    }
}

/// The head that the test names was accepted, and has the state that the test says.
fn compare_end(test: &BlockchainTest, tree: &Tree<'_>) -> Result<(), String> {
    let end = tree.accepted.get(&test.last_block_hash);
    let state =
        &end.ok_or_else(|| format!("its last block {} was not accepted", test.last_block_hash))?.state;
    let same = match &test.post {
        PostState::Root(root) => state.state_root() == *root,
        PostState::Accounts(expected) => state.differences(expected).is_empty(),
    };
    if same { Ok(()) } else { Err("the state at the end differs".into()) }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:32} {:>8} {:>8} {:>8}", "network", "tests", "accepted", "refused")?;
        let all = self.networks.values().fold(Counts::default(), |all, more| Counts {
            tests: all.tests + more.tests,
            accepted: all.accepted + more.accepted,
            refused: all.refused + more.refused,
        });
        let networks = self.networks.iter().map(|(network, counts)| (network.as_str(), counts));
        for (network, Counts { tests, accepted, refused }) in networks.chain([("all", &all)]) {
            writeln!(f, "{network:32} {tests:8} {accepted:8} {refused:8}")?;
        }
        self.refused.iter().try_for_each(|(rule, blocks)| writeln!(f, "{blocks:6} refused: {rule}"))
    }
}
