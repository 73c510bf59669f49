/** The records of the gateway's OpenAPI document, under the names that the client uses. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Me = Schemas["Me"];
export type MyTeam = Schemas["MyTeam"];
export type Member = Schemas["Member"];
export type Role = Schemas["Member"]["role"];
export type TaskList = Schemas["TaskList"];
export type Task = Schemas["Task"];
export type TaskView = Schemas["TaskView"];
export type Board = Schemas["Board"];
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
