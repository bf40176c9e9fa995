import { testEveryShape } from "../support/matrix.ts";

testEveryShape("uuid");
