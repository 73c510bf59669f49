## To the person concerned

notice-assigned = { $by } assigned “{ $title }” to you
notice-assigned-due = { $by } assigned “{ $title }” to you, due { $due }
notice-unassigned = “{ $title }” is no longer assigned to you ({ $by })
notice-mentioned = { $by } mentioned you in “{ $title }”: { $text }
notice-commented = { $by } commented on “{ $title }”: { $text }
notice-completed = { $by } completed “{ $title }”
notice-due-soon = “{ $title }” is due soon: { $due }
notice-overdue = “{ $title }” is overdue: it was due { $due }
notice-added = { $by } added you to the team “{ $team }”

## To a group

group-assigned = { $by } assigned “{ $title }” to { $to }
group-assigned-due = { $by } assigned “{ $title }” to { $to }, due { $due }
group-unassigned = “{ $title }” is no longer assigned to { $to } ({ $by })
group-mentioned = { $by } mentioned { $to } in “{ $title }”: { $text }
group-commented = { $by } commented on “{ $title }”: { $text }
group-completed = { $by } completed “{ $title }”
group-due-soon = “{ $title }” ({ $to }) is due soon: { $due }
group-overdue = “{ $title }” ({ $to }) is overdue: it was due { $due }
group-added = { $by } added { $to } to the team “{ $team }”

## Several at once

notices = { $count ->
    [one] { $count } notice
   *[other] { $count } notices
}
notices-more = and { $count } more
