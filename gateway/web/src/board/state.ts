/** The confirmed board: a snapshot and the events after it, in order, and nothing else. */
import type { Board, Label, Member, MyTeam, Task, TaskList } from "../api/types";
import type { TeamEvent } from "./events";

export interface Confirmed {
  readonly seq: number;
  readonly me: number;
  readonly team: MyTeam;
  readonly members: ReadonlyMap<number, Member>;
  readonly labels: ReadonlyMap<number, Label>;
  readonly lists: ReadonlyMap<number, TaskList>;
  readonly tasks: ReadonlyMap<number, Task>;
}

export function fromSnapshot(board: Board, me: number): Confirmed {
  return {
    seq: board.seq,
    me,
    team: board.team,
    members: new Map(board.members.map((member) => [member.user, member])),
    labels: new Map(board.labels.map((label) => [label.id, label])),
    lists: new Map(board.lists.map((list) => [list.id, list])),
    tasks: new Map(board.tasks.map((task) => [task.id, task])),
  };
}

/** Where an event stands to a position: already in it, the next one, or past a hole. */
export function follows(seq: number, have: number): "known" | "next" | "hole" {
  if (seq <= have) return "known";
  return seq === have + 1 ? "next" : "hole";
}

/** The board after one more event, which must be the next one. */
export function apply(board: Confirmed, event: TeamEvent): Confirmed {
  return { ...board, ...change(board, event), seq: event.seq };
}

/** Whether a board shows a task, given that its list is there. */
export function isOnBoard(task: Task): boolean {
  return task.deleted_at === null && task.archived_at === null;
}

function change(board: Confirmed, event: TeamEvent): Partial<Confirmed> {
  switch (event.type) {
    case "task.reranked":
      return { tasks: reranked(board.tasks, event.ranks) };
    case "list.created":
    case "list.updated":
    case "list.moved":
      return { lists: put(board.lists, [event.list]) };
    case "list.deleted":
      return {
        lists: without(board.lists, (list) => list.id === event.list.id),
        tasks: without(board.tasks, (task) => task.list === event.list.id),
      };
    case "list.restored":
      return { lists: put(board.lists, [event.list]), tasks: put(board.tasks, event.tasks.filter(isOnBoard)) };
    case "label.created":
    case "label.updated":
    case "label.restored":
      return { labels: put(board.labels, [event.label]) };
    case "label.deleted":
      return { labels: without(board.labels, (label) => label.id === event.label.id) };
    case "member.added":
    case "member.changed":
    case "team.transferred":
      return { members: new Map(board.members).set(event.member.user, event.member), ...ownRole(board, event.member) };
    case "member.removed":
      return { members: without(board.members, (member) => member.user === event.member.user) };
    case "team.renamed":
      return { team: { ...board.team, name: event.name, version: board.team.version + 1 } };
    case "team.created":
    case "team.deleted":
    case "team.restored":
    case "invite.created":
    case "invite.revoked":
    case "unknown":
      return {};
    default:
      return { tasks: withTask(board, event.task) };
  }
}

/** Every event of a task brings it whole, and what is not on the board may change, too. */
function withTask({ tasks, lists }: Confirmed, task: Task): ReadonlyMap<number, Task> {
  if (isOnBoard(task) && lists.has(task.list)) return put(tasks, [task]);
  return tasks.has(task.id) ? without(tasks, (other) => other.id === task.id) : tasks;
}

function put<T extends { id: number }>(map: ReadonlyMap<number, T>, things: readonly T[]): Map<number, T> {
  const next = new Map(map);
  for (const thing of things) next.set(thing.id, thing);
  return next;
}

function without<T>(map: ReadonlyMap<number, T>, gone: (thing: T) => boolean): Map<number, T> {
  return new Map([...map].filter(([, thing]) => !gone(thing)));
}

/** Ranks may name tasks that lie in the trash; those are none of the board's. */
function reranked(tasks: ReadonlyMap<number, Task>, ranks: readonly [number, number][]): Map<number, Task> {
  const next = new Map(tasks);
  for (const [id, rank] of ranks) {
    const task = next.get(id);
    if (task) next.set(id, { ...task, rank });
  }
  return next;
}

/** The team carries the reader's own role, which changes with their membership. */
function ownRole(board: Confirmed, member: Member): Partial<Confirmed> {
  return member.user === board.me ? { team: { ...board.team, role: member.role } } : {};
}
