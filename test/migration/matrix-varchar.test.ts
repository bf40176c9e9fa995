import { testEveryShape } from "../support/matrix.ts";

testEveryShape("varchar(26)");
