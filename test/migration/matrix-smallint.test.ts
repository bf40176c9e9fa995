import { testEveryShape } from "../support/matrix.ts";

testEveryShape("smallint");
