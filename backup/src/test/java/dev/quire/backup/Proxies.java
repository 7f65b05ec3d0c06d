package dev.quire.backup;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** What a test puts in the place of an object, to see its calls or to hold them up. */
final class Proxies {

    private Proxies() {}

    /** Answers a call. */
    interface Call {
        Object on(Method method, Object[] arguments) throws Throwable;
    }

    /** Something of this type that has {@code call} answer. */
    static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, given) -> call.on(method, given)));
    }

    /** The call on the object itself; throws what that throws. */
    static Object invoke(Method method, Object on, Object[] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
