//! Bodies of work that are measured beside each other: by criterion, and as ratios to the first of them.

#![expect(clippy::print_stdout, reason = "a bench prints its result")]

use std::env;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};

/// Times that every lane is run once more after criterion, in turn: what disturbs the machine for some
/// seconds then disturbs all of them.
const ROUNDS: usize = 3;
const SAMPLES: usize = 10;
const WARM_UP: Duration = Duration::from_millis(300);
const MEASUREMENT: Duration = Duration::from_millis(500);

/// Whether each bench is only to be run once, to see that it works (`cargo bench -- --test`).
pub fn is_smoke_test() -> bool {
    env::args().any(|argument| argument == "--test")
}

/// How much one run of a lane does.
#[derive(Debug, Clone, Copy)]
pub enum Amount {
    /// Gas used by the blocks that are run.
    Gas(u64),
    /// Bytes taken in or given out.
    Bytes(u64),
    /// A number of other things, with their name.
    Of(u64, &'static str),
}

impl Amount {
    fn throughput(self) -> Throughput {
        match self {
            Self::Bytes(bytes) => Throughput::Bytes(bytes),
            Self::Gas(count) | Self::Of(count, _) => Throughput::Elements(count),
        }
    }

    /// The speed in the unit that people use for it.
    fn speed(self, time: Duration) -> String {
        let per_second = |count: u64| count as f64 / time.as_secs_f64();
        match self {
            Self::Gas(gas) => format!("{:.2} Ggas/s", per_second(gas) / 1e9),
            Self::Bytes(bytes) => format!("{:.0} MB/s", per_second(bytes) / 1e6),
            Self::Of(count, what) => format!("{} {what}/s", grouped(per_second(count) as u64)),
        }
    }
}

fn grouped(number: u64) -> String {
    match number / 1_000 {
        0 => number.to_string(),
        thousands => format!("{},{:03}", grouped(thousands), number % 1_000),
    }
}

struct Lane<'a> {
    name: String,
    amount: Amount,
    work: Box<dyn FnMut() -> Duration + 'a>,
    best: Option<Duration>,
}

/// Lanes of work that will be compared with the first.
pub struct Comparison<'a> {
    group: &'static str,
    lanes: Vec<Lane<'a>>,
}

impl<'a> Comparison<'a> {
    /// A comparison without lanes; `group` is criterion's name for them.
    pub fn new(group: &'static str) -> Self {
        Self { group, lanes: Vec::new() }
    }

    /// Adds work that is measured from beginning to end.
    pub fn lane<T>(self, name: impl Into<String>, amount: Amount, mut work: impl FnMut() -> T + 'a) -> Self {
        self.timed(name, amount, move || {
            let started = Instant::now();
            std::hint::black_box(work());
            started.elapsed()
        })
    }

    /// Adds work that says itself how long the part of it took that counts.
    pub fn timed(
        mut self,
        name: impl Into<String>,
        amount: Amount,
        work: impl FnMut() -> Duration + 'a,
    ) -> Self {
        self.lanes.push(Lane { name: name.into(), amount, work: Box::new(work), best: None });
        self
    }

    /// Measures all lanes that criterion was not told to leave out.
    pub fn run(mut self, criterion: &mut Criterion) -> Measured {
        let mut group = criterion.benchmark_group(self.group);
        group.sample_size(SAMPLES).sampling_mode(SamplingMode::Flat);
        group.warm_up_time(WARM_UP).measurement_time(MEASUREMENT);
        self.lanes.iter_mut().for_each(|lane| lane.bench(&mut group));
        group.finish();
        if !is_smoke_test() {
            for _ in 0..ROUNDS {
                for lane in self.lanes.iter_mut().filter(|lane| lane.best.is_some()) {
                    lane.once();
                }
            }
        }
        let lanes = self.lanes.into_iter();
        let lanes = lanes
            .filter_map(|lane| Some(MeasuredLane { name: lane.name, amount: lane.amount, time: lane.best? }));
        Measured { group: self.group, lanes: lanes.collect() }
    }
}

impl Lane<'_> {
    fn bench(&mut self, group: &mut BenchmarkGroup<'_, WallTime>) {
        group.throughput(self.amount.throughput());
        group.bench_function(self.name.clone(), |bencher| {
            bencher.iter_custom(|times| (0..times).map(|_| self.once()).sum());
        });
    }

    fn once(&mut self) -> Duration {
        let time = (self.work)();
        self.best = Some(self.best.map_or(time, |best| best.min(time)));
        time
    }
}

/// The best time of a lane.
#[derive(Debug, Clone)]
struct MeasuredLane {
    name: String,
    amount: Amount,
    time: Duration,
}

/// The best time of each lane: what others on the machine do only ever adds to it.
#[derive(Debug, Clone)]
pub struct Measured {
    group: &'static str,
    lanes: Vec<MeasuredLane>,
}

impl Measured {
    /// The best time of a lane; `None` where it was left out.
    pub fn time(&self, name: &str) -> Option<Duration> {
        self.lanes.iter().find(|lane| lane.name == name).map(|lane| lane.time)
    }

    /// Prints the table: time, speed, and the speed as a part of that of the first lane. Nothing of a smoke test, whose
    /// numbers mean nothing.
    pub fn print(&self) {
        let Some(first) = self.lanes.first().filter(|_| !is_smoke_test()) else { return };
        println!("{}: best times, speeds, and speeds over that of {}", self.group, first.name);
        for lane in &self.lanes {
            let ratio = first.time.as_secs_f64() / lane.time.as_secs_f64();
            let (name, time, speed) = (&lane.name, lane.time, lane.amount.speed(lane.time));
            println!("  {name:<34} {:>10} {speed:>24} {ratio:>7.2}", format!("{time:.1?}"));
        }
    }
}
