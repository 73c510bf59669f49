/** A small team to test with. */
import type { Board, Comment, Label, Member, Task, TaskList } from "../src/api/types";
import { fromSnapshot, type Confirmed } from "../src/board/state";
import type { Column } from "../src/board/view";

export const ANN = 1;
export const BEN = 2;
export const TODO = 10;
export const DONE = 11;

export const THEN = "2030-01-01T10:00:00Z";

export function aTask(id: number, part: Partial<Task> = {}): Task {
  return {
    id,
    team: 7,
    list: TODO,
    title: `Task ${id}`,
    description: "",
    assignee: null,
    priority: "none",
    labels: [],
    checklist: [],
    watchers: [],
    comments: 0,
    start_at: null,
    due_at: null,
    is_done: false,
    done_at: null,
    rank: id * 100,
    version: 1,
    created_by: ANN,
    created_at: THEN,
    updated_at: THEN,
    archived_at: null,
    deleted_at: null,
    ...part,
  };
}

export function aList(id: number, part: Partial<TaskList> = {}): TaskList {
  return { id, team: 7, name: `List ${id}`, rank: id * 100, version: 1, wip_limit: null, deleted_at: null, ...part };
}

export function aLabel(id: number, part: Partial<Label> = {}): Label {
  return { id, team: 7, name: `Label ${id}`, colour: "#2f7fd3", version: 1, deleted_at: null, ...part };
}

export function aComment(id: number, part: Partial<Comment> = {}): Comment {
  const said = { text: `Comment ${id}`, mentions: [], created_at: THEN, edited_at: null };
  return { id, team: 7, task: 1, by: ANN, ...said, version: 1, deleted_at: null, ...part };
}

export function aMember(user: number, part: Partial<Member> = {}): Member {
  return { team: 7, user, username: `user${user}`, name: `User ${user}`, role: "member", ...part };
}

/** TODO holds tasks 1, 2, 3; DONE holds 4; there is label 20; position 100. */
export function aBoard(part: Partial<Board> = {}): Board {
  return {
    seq: 100,
    team: { id: 7, name: "Kitchen", version: 1, created_at: THEN, role: "owner" },
    members: [aMember(ANN, { role: "owner" }), aMember(BEN)],
    labels: [aLabel(20)],
    lists: [aList(TODO), aList(DONE)],
    tasks: [aTask(1), aTask(2), aTask(3), aTask(4, { list: DONE })],
    ...part,
  };
}

export function confirmed(part: Partial<Board> = {}): Confirmed {
  return fromSnapshot(aBoard(part), ANN);
}

/** The columns as text: `10: 1 2 3 | 11: 4`. */
export function told(columns: readonly Column[]): string {
  return columns.map(({ list, cards }) => [`${list.id}:`, ...cards.map((card) => card.task.id)].join(" ")).join(" | ");
}
