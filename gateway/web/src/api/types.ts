/** The records of the gateway's OpenAPI document, under the names that the client uses. */
import type { components } from "./schema";

type Schemas = components["schemas"];
/** What has a default may be left out of a request, but never is of an answer. */
type Whole<T> = Required<Omit<T, "checklist">> & { checklist: ChecklistItem[] };

export type Me = Schemas["Me"];
export type MyTeam = Schemas["MyTeam"];
export type Member = Schemas["Member"];
export type Role = Schemas["Member"]["role"];
export type TaskList = Required<Schemas["TaskList"]>;
export type Task = Whole<Schemas["Task"]>;
export type TaskView = Whole<Schemas["TaskView"]>;
export type Board = Omit<Schemas["Board"], "tasks" | "lists" | "labels"> & { tasks: Task[]; lists: TaskList[]; labels: Label[] };
export type Problem = Schemas["Problem"];
export type TeamPage = Schemas["Page_MyTeam_"];
export type Credentials = Schemas["Credentials"];
export type NewTask = Schemas["NewTask"];
export type TaskChanges = Schemas["TaskChanges"];
export type TaskPlace = Schemas["TaskPlace"];
export type NewList = Schemas["NewList"];
export type ListChanges = Schemas["ListChanges"];
export type ListPlace = Schemas["ListPlace"];
export type NewTeam = Schemas["NewTeam"];
export type TeamChanges = Schemas["TeamChanges"];
export type NewMember = Schemas["NewMember"];
export type MemberChanges = Schemas["MemberChanges"];
export type Priority = Schemas["Priority"];
export type ChecklistItem = Required<Schemas["ChecklistItem"]>;
export type Label = Required<Schemas["Label"]>;
export type NewLabel = Schemas["NewLabel"];
export type LabelChanges = Schemas["LabelChanges"];
export type Comment = Required<Schemas["Comment"]>;
export type CommentPage = { count: number; comments: Comment[] };
export type NewItem = Schemas["NewItem"];
export type ItemChanges = Schemas["ItemChanges"];
export type ItemPlace = Schemas["ItemPlace"];
export type TaskFields = Schemas["SharedChanges"];
export type ManyTasks = Schemas["ManyTasks"];
export type TaskFilter = Schemas["TaskFilter"];
export type SavedFilter = Schemas["SavedFilter"];
export type TaskResults = Omit<Schemas["TaskResults"], "results"> & { results: TaskView[] };
export type Undone = Schemas["Undone"];
export type Visit = Schemas["Visit"];
/** What may be restored: lists, and tasks whose list is still there. */
export type Trash = { lists: TaskList[]; tasks: Task[] };
