//! Donation numbers without a server: blocks that sites hold beforehand.

use chrono::{Datelike as _, NaiveDate};
use isbt128::Din;
use serde::{Deserialize, Serialize};

/// A run of serial numbers that one site may use. `fin` and `year` (two digits) are part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// Facility identification number, five characters.
    pub fin: String,
    pub year: u8,
    pub first: u32,
    /// The last one of the block itself.
    pub last: u32,
    pub site: String,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberProblem {
    #[error("a block from {first} to {last} is empty or beyond 999999")]
    Range { first: u32, last: u32 },
    #[error("the block meets one that {site} holds")]
    Overlaps { site: String },
    #[error("{0} is no facility number")]
    Facility(String),
    #[error("no {size} numbers are left for this facility and year")]
    Exhausted { size: u32 },
    /// The site has used what it was given.
    #[error("no number is left here for this year")]
    NoneLeft,
    #[error("the block is of another site")]
    OtherSite,
}

/// The highest serial of a year.
const LAST: u32 = 999_999;

impl Block {
    fn checked(&self) -> Result<(), NumberProblem> {
        let Self { first, last, .. } = *self;
        if first == 0 || first > last || last > LAST {
            return Err(NumberProblem::Range { first, last });
        }
        Din::compose(&self.fin, self.year, first)
            .map(|_| ())
            .map_err(|_| NumberProblem::Facility(self.fin.clone()))
    }
    fn meets(&self, other: &Self) -> bool {
        self.fin == other.fin
            && self.year == other.year
            && self.first <= other.last
            && other.first <= self.last
    }
    /// Whether a number is of this block.
    pub fn holds(&self, din: &Din) -> bool {
        let serial: Option<u32> = din.serial().parse().ok();
        din.fin() == self.fin
            && din.year() == self.year
            && serial.is_some_and(|serial| (self.first..=self.last).contains(&serial))
    }
}

/// Every block given out: the one place where blocks are made. Two never meet.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BlockRegister {
    blocks: Vec<Block>,
}

impl BlockRegister {
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// Takes note of a block, such as one read from a file.
    ///
    /// # Errors
    /// When it is no block, or meets one that is given out.
    pub fn add(&mut self, block: Block) -> Result<(), NumberProblem> {
        block.checked()?;
        if let Some(known) = self.blocks.iter().find(|known| known.meets(&block)) {
            return Err(NumberProblem::Overlaps { site: known.site.clone() });
        }
        self.blocks.push(block);
        Ok(())
    }

    /// Gives a site the next `size` numbers of a facility's year.
    ///
    /// # Errors
    /// When the year has no such run left.
    pub fn grant(
        &mut self,
        fin: &str,
        year: u8,
        site: &str,
        size: u32,
    ) -> Result<Block, NumberProblem> {
        let same = |block: &&Block| block.fin == fin && block.year == year;
        let first = self.blocks.iter().filter(same).map(|block| block.last).max().unwrap_or(0) + 1;
        let last = first.saturating_add(size.max(1) - 1);
        if last > LAST {
            return Err(NumberProblem::Exhausted { size });
        }
        let block = Block { fin: fin.to_owned(), year, first, last, site: site.to_owned() };
        self.add(block.clone())?;
        Ok(block)
    }
}

/// What one site holds, and how far it has come in each block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteNumbers {
    site: String,
    /// Block and its next unused serial.
    blocks: Vec<(Block, u32)>,
}

impl SiteNumbers {
    pub fn new(site: &str) -> Self {
        Self { site: site.to_owned(), blocks: vec![] }
    }

    /// What one site holds, where several keep one record.
    pub fn of(&self, site: &str) -> Self {
        let own = self.blocks.iter().filter(|(block, _)| block.site == site);
        Self { site: site.to_owned(), blocks: own.cloned().collect() }
    }

    /// What is held of these blocks only: of each with its next unused serial.
    #[must_use]
    pub fn of_blocks(&self, known: impl Fn(&Block, u32) -> bool) -> Self {
        let kept = self.blocks.iter().filter(|(block, next)| known(block, *next));
        Self { site: self.site.clone(), blocks: kept.cloned().collect() }
    }

    /// Takes a granted block into use.
    ///
    /// # Errors
    /// When it is another site's, or no block.
    pub fn hold(&mut self, block: Block) -> Result<(), NumberProblem> {
        block.checked()?;
        if block.site != self.site {
            return Err(NumberProblem::OtherSite);
        }
        if self.blocks.iter().any(|(known, _)| known.meets(&block)) {
            return Err(NumberProblem::Overlaps { site: block.site });
        }
        let first = block.first;
        self.blocks.push((block, first));
        Ok(())
    }

    /// The next number for a donation on this local day. In January a block of last year may still
    /// be used (ST-001 allows one month); the day only chooses the block, so a clock or zone that
    /// jumps at New Year makes no number twice.
    ///
    /// # Errors
    /// [`NumberProblem::NoneLeft`].
    pub fn take(&mut self, today: NaiveDate) -> Result<Din, NumberProblem> {
        let year = u8::try_from(today.year().rem_euclid(100)).unwrap_or(0);
        let before = u8::try_from((today.year() - 1).rem_euclid(100)).unwrap_or(0);
        let years = if today.month() == 1 { vec![year, before] } else { vec![year] };
        for wanted in years {
            let free = self
                .blocks
                .iter_mut()
                .find(|(block, next)| block.year == wanted && *next <= block.last);
            if let Some((block, next)) = free {
                let din = Din::compose(&block.fin, block.year, *next)
                    .map_err(|_| NumberProblem::Facility(block.fin.clone()))?;
                *next += 1;
                return Ok(din);
            }
        }
        Err(NumberProblem::NoneLeft)
    }

    /// The number that [`SiteNumbers::take`] would give, and how many are left for this day.
    ///
    /// # Errors
    /// [`NumberProblem::NoneLeft`].
    pub fn next(&self, today: NaiveDate) -> Result<Din, NumberProblem> {
        self.clone().take(today)
    }

    /// Numbers not yet given in the blocks of this day's year.
    pub fn left(&self, today: NaiveDate) -> u32 {
        let year = u8::try_from(today.year().rem_euclid(100)).unwrap_or(0);
        let of_year = self.blocks.iter().filter(|(block, _)| block.year == year);
        of_year.fold(0, |sum, (block, next)| {
            sum.saturating_add((block.last + 1).saturating_sub(*next))
        })
    }

    /// The blocks held, in the order in which they came.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().map(|(block, _)| block)
    }

    /// Whether a number lies in one of the site's blocks: also those printed on labels before.
    pub fn owns(&self, din: &Din) -> bool {
        self.blocks.iter().any(|(block, _)| block.holds(din))
    }
}

/// What may be asked of the numbers of a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NumberCommand {
    /// Takes a granted block into use.
    Hold { block: Block },
    /// A donation takes this number (13 characters), given out here or printed before.
    Use { din: String },
}

/// What happened to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NumberEvent {
    Held { block: Block },
    Used { din: String },
}

/// Decides a command on the numbers of `site`.
///
/// # Errors
/// When a block is none, is another site's or meets one that is held; when a number is of no block.
pub fn decide_numbers(
    state: Option<&SiteNumbers>,
    site: &str,
    command: &NumberCommand,
) -> Result<NumberEvent, NumberProblem> {
    let mut numbers = state.map_or_else(|| SiteNumbers::new(site), |all| all.of(site));
    match command {
        NumberCommand::Hold { block } => {
            // Another site's counts as much: two blocks never meet.
            let known = state.and_then(|all| all.blocks().find(|known| known.meets(block)));
            if let Some(known) = known {
                return Err(NumberProblem::Overlaps { site: known.site.clone() });
            }
            numbers.hold(block.clone())?;
            Ok(NumberEvent::Held { block: block.clone() })
        }
        NumberCommand::Use { din } => {
            let known = Din::new(din).map_err(|_| NumberProblem::Facility(din.clone()))?;
            if numbers.owns(&known) {
                Ok(NumberEvent::Used { din: din.clone() })
            } else {
                Err(NumberProblem::OtherSite)
            }
        }
    }
}

/// The numbers after an event. The next number given out lies behind every one used, so that a
/// label taken from further down the roll leaves a gap and never makes a number twice.
pub fn apply_numbers(state: Option<SiteNumbers>, event: &NumberEvent) -> Option<SiteNumbers> {
    match event {
        NumberEvent::Held { block } => {
            let mut numbers = state.unwrap_or_else(|| SiteNumbers::new(&block.site));
            if !numbers.blocks.iter().any(|(known, _)| known.meets(block)) {
                numbers.blocks.push((block.clone(), block.first));
            }
            Some(numbers)
        }
        NumberEvent::Used { din } => {
            let mut numbers = state?;
            if let Ok(din) = Din::new(din)
                && let Ok(serial) = din.serial().parse::<u32>()
            {
                let block = numbers.blocks.iter_mut().find(|(block, _)| block.holds(&din));
                if let Some((_, next)) = block {
                    *next = (*next).max(serial.saturating_add(1));
                }
            }
            Some(numbers)
        }
    }
}
