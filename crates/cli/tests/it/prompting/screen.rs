//! What a terminal shows of what is written to it, as far as questions use one.

/// Rows of letters. Nothing scrolls away.
#[derive(Debug)]
pub(super) struct Screen {
    rows: Vec<Vec<char>>,
    /// Row and column of the cursor.
    at: (usize, usize),
    columns: usize,
    /// What has come of a letter or a sequence that is not complete yet.
    open: Vec<u8>,
}

impl Screen {
    pub(super) fn new(columns: usize) -> Self {
        Self { rows: vec![Vec::new()], at: (0, 0), columns, open: Vec::new() }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.open.push(*byte);
            if self.open[0] == 0x1b {
                let is_complete = self.open.len() > 2 && (0x40..0x7f).contains(byte);
                if is_complete {
                    self.obey();
                    self.open.clear();
                }
            } else if let Ok(letters) = std::str::from_utf8(&self.open) {
                let letter = letters.chars().next().unwrap();
                self.open.clear();
                self.put(letter);
            }
        }
    }

    fn put(&mut self, letter: char) {
        match letter {
            '\r' => self.at.1 = 0,
            '\n' => self.down(),
            letter if letter.is_control() => panic!("a letter that acts: {letter:?}"),
            letter => {
                assert!(
                    self.at.1 < self.columns,
                    "the terminal would have to wrap {:?}",
                    self.rows[self.at.0]
                );
                let row = &mut self.rows[self.at.0];
                if row.len() <= self.at.1 {
                    row.resize(self.at.1 + 1, ' ');
                }
                row[self.at.1] = letter;
                self.at.1 += 1;
            }
        }
    }

    fn down(&mut self) {
        self.at.0 += 1;
        if self.at.0 == self.rows.len() {
            self.rows.push(Vec::new());
        }
    }

    fn obey(&mut self) {
        let sequence = std::str::from_utf8(&self.open).unwrap();
        let (body, last) = sequence[1..].split_at(sequence.len() - 2);
        let count = || body.trim_start_matches('[').parse::<usize>().unwrap_or(1);
        match last {
            "A" => self.at.0 = self.at.0.checked_sub(count()).expect("nothing is above the first row"),
            "C" => self.at.1 += count(),
            "J" => {
                assert_eq!(body, "[", "only what is below the cursor is erased");
                self.rows.truncate(self.at.0 + 1);
                self.rows[self.at.0].truncate(self.at.1);
            }
            // How letters look, and how the keyboard or the mouse behave.
            "m" | "h" | "l" => {}
            _ => panic!("a sequence that no question uses: {sequence:?}"),
        }
    }

    pub(super) fn text(&self) -> String {
        let rows = self.rows.iter().map(|row| row.iter().collect::<String>());
        rows.map(|row| row.trim_end().to_owned() + "\n").collect()
    }
}
