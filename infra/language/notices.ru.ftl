## To the person concerned

notice-assigned = Вам назначена задача «{ $title }» ({ $by })
notice-assigned-due = Вам назначена задача «{ $title }» ({ $by }), срок { $due }
notice-unassigned = Задача «{ $title }» больше не ваша ({ $by })
notice-mentioned = Вас упоминают в задаче «{ $title }», { $by }: { $text }
notice-commented = Комментарий к задаче «{ $title }», { $by }: { $text }
notice-completed = Выполнена задача «{ $title }» ({ $by })
notice-due-soon = Скоро срок задачи «{ $title }»: { $due }
notice-overdue = Просрочена задача «{ $title }»: срок был { $due }
notice-added = Вас добавили в команду «{ $team }» ({ $by })

## To a group

group-assigned = Задача «{ $title }» назначена: { $to } ({ $by })
group-assigned-due = Задача «{ $title }» назначена: { $to } ({ $by }), срок { $due }
group-unassigned = Задача «{ $title }» больше не назначена: { $to } ({ $by })
group-mentioned = { $to }, вас упоминают в задаче «{ $title }», { $by }: { $text }
group-commented = Комментарий к задаче «{ $title }», { $by }: { $text }
group-completed = Выполнена задача «{ $title }» ({ $by })
group-due-soon = Скоро срок задачи «{ $title }» ({ $to }): { $due }
group-overdue = Просрочена задача «{ $title }» ({ $to }): срок был { $due }
group-added = В команде «{ $team }» новый участник: { $to } ({ $by })

## Several at once

notices = { $count ->
    [one] { $count } уведомление
    [few] { $count } уведомления
   *[other] { $count } уведомлений
}
notices-more = и ещё { $count }
